import type { Part } from "../row";
import { admission } from "./admission";
import { command } from "./command";
import { fairness } from "./fairness";
import { growth } from "./growth";
import { idle } from "./idle";
import { memory } from "./memory";
import { pods } from "./pods";
import { requests } from "./requests";
import { resync } from "./resync";
import { reverts } from "./reverts";
import { fleet, huge, scale } from "./scale";
import { sharing } from "./sharing";
import { start } from "./start";
import { storms } from "./storms";

/** Every part, in the order in which they run. */
export const parts: readonly Part[] = [
  reverts,
  storms,
  start,
  requests,
  admission,
  memory,
  fleet,
  fairness,
  sharing,
  scale,
  huge,
  growth,
  idle,
  resync,
  pods,
  command,
];
