import { delivery } from "./delivery";
import { networking } from "./networking";
import { platform } from "./platform";
import type { Shape } from "./shape";
import { stores } from "./stores";

/** The shapes of well-known charts, by the chart's name. */
export const shapes: Record<string, Shape> = { ...delivery, ...networking, ...stores, ...platform };
