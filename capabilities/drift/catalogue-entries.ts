import { CERTIFICATES } from "./catalogue-certificates";
import { DELIVERY } from "./catalogue-delivery";
import type { Entry } from "./catalogue-entry";
import { KUBERNETES } from "./catalogue-kubernetes";
import { OPERATORS } from "./catalogue-operators";
import { RESTARTS } from "./catalogue-restarts";
import { SCALING } from "./catalogue-scaling";
import { SECRETS } from "./catalogue-secrets";
import { WEBHOOKS } from "./catalogue-webhooks";

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
