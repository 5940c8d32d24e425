import { helmReleaseCrd } from "./crd";
import type { Definition } from "./definition";
import { lockerPolicyCrd } from "./helm-locker-policy";

/** The kinds that people write for the locker, which brings their definitions. */
export const definitions: readonly Definition[] = [helmReleaseCrd, lockerPolicyCrd];
