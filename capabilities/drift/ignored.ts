import type { KubeObject } from "../kube/object";
import type { Left } from "../kube/path";
import { driftOf } from "./drift";
import { adopt } from "./adopt";
import { leftIn } from "./left";
import type { Situation } from "./operation";
import { outermost } from "./put";

/** What of a live object stands only because of the catalogue of known controllers, or of the HelmRelease: JSON pointers. */
export function ignoredIn(situation: Situation, live: KubeObject): string[] {
  const whole = { ...situation, live, isAutoscaled: situation.isAutoscaled === true };
  const left = leftIn(whole);
  const leftWithout = leftIn({ ...whole, ...ALONE });
  if (left.length === leftWithout.length) return [];
  const differing = new Set(placesIn(situation, live, left));
  return placesIn(situation, live, leftWithout).filter(pointer => !differing.has(pointer));
}

/** What a lock leaves to others although nobody has told it to. */
const ALONE = { knowsControllers: false, rules: [], keepsAdditions: false };

/** Where an object is not as its release wants it, each place once, none inside another. */
function placesIn({ desired, manager, known }: Situation, live: KubeObject, left: readonly Left[]): string[] {
  const judging = { desired: adopt(desired, live, left, manager), live, manager, left };
  const { changed, ...drift } = driftOf(judging, known, false);
  const found = [...drift.unpruned, ...drift.added, ...drift.ofMaker, ...drift.doubts];
  return outermost([...changed.map(pointer => ({ pointer })), ...found]).map(({ pointer }) => pointer);
}
