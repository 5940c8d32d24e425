import type { KubeObject } from "../kube/object";
import type { Left } from "../kube/path";
import { driftOf } from "./drift";
import { adopt, leftIn } from "./left";
import type { Situation } from "./operation";
import { outermost } from "./put";

/** What of a live object stands only because of the catalogue of known controllers: JSON pointers. */
export function ignoredIn(situation: Situation, live: KubeObject): string[] {
  const [left, leftWithout] = [true, false].map(knowsControllers =>
    leftIn({ ...situation, knowsControllers, isAutoscaled: situation.isAutoscaled === true }),
  );
  if (!left || !leftWithout || left.length === leftWithout.length) return [];
  const differing = new Set(placesIn(situation, live, left));
  return placesIn(situation, live, leftWithout).filter(pointer => !differing.has(pointer));
}

/** Where an object is not as its release wants it, each place once, none inside another. */
function placesIn({ desired, manager, known }: Situation, live: KubeObject, left: readonly Left[]): string[] {
  const judging = { desired: adopt(desired, live, left), live, manager, left };
  const { changed, ...drift } = driftOf(judging, known, false);
  const found = [...drift.unpruned, ...drift.added, ...drift.ofMaker, ...drift.doubts];
  return outermost([...changed.map(pointer => ({ pointer })), ...found]).map(({ pointer }) => pointer);
}
