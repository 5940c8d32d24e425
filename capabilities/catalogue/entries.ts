import { CERTIFICATES } from "./certificates";
import { DELIVERY } from "./delivery";
import type { Entry } from "./entry";
import { KUBERNETES } from "./kubernetes";
import { OPERATORS } from "./operators";
import { RESTARTS } from "./restarts";
import { SCALING } from "./scaling";
import { SECRETS } from "./secrets";
import { WEBHOOKS } from "./webhooks";

/** What well-known controllers do to objects of charts. */
export const CATALOGUE: readonly Entry[] = [
  ...KUBERNETES,
  ...RESTARTS,
  ...WEBHOOKS,
  ...CERTIFICATES,
  ...SECRETS,
  ...SCALING,
  ...DELIVERY,
  ...OPERATORS,
];
