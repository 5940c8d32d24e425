import type { HeldRecord, Tracked } from "../state/lock";
import { beginLook, type Look } from "./look";

const HELD: HeldRecord = {
  driver: "Secret",
  revision: 1,
  uid: "u",
  resourceVersion: "1",
  description: "",
  notes: "",
  writers: [],
};

/** For tests: a look at an object of a release's first revision. @param attempt counts from 1 */
export function lookAt(tracked: Tracked, attempt = 1): Look {
  return beginLook({ tracked, held: HELD, manager: "helm", attempt, isVouched: () => false });
}
