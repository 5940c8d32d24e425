import { find, isWithin, leavesOf, ownersOf, type FieldOwner, type FieldPath } from "../kube/managed-fields";
import type { KubeObject } from "../kube/object";
import { foundAt, type Left, type Origin } from "../kube/path";
import { isEmpty, isSharedList, leaving } from "./left";

/** An object, and what of it is left to others. */
interface Situated {
  /** As the manifest has it. */
  readonly desired: KubeObject;
  readonly live: KubeObject;
  readonly left: readonly Left[];
}

/** Somebody who owns a field. */
export interface Holder {
  readonly owner: FieldOwner;
  readonly leaf: FieldPath;
}

/** Who owns a field of a manifest in the live object, or what is around or inside it. @param pointer JSON pointer into the manifest */
export function holdersOf(desired: KubeObject, live: KubeObject, pointer: string): Holder[] {
  return ownersOf(live).flatMap(owner =>
    leavesOf(owner.fields).flatMap(leaf => {
      const place = find(desired, leaf)?.pointer;
      const isThere = place !== undefined && (isWithin(pointer, place) || isWithin(place, pointer));
      return isThere ? [{ owner, leaf }] : [];
    }),
  );
}

/**
 * Who has a field of a manifest left to others, whoever these are; undefined: nobody.
 *
 * @param pointer JSON pointer into the manifest
 */
export function originOfField(situated: Situated, pointer: string): Origin | undefined {
  const { desired, live, left } = situated;
  const theirs = holdersOf(desired, live, pointer).map(holder => originOfAddition(situated, holder));
  const anybodys = left.find(one => isAnybodysAt(one, desired, pointer));
  return theirs.find(origin => origin !== undefined) ?? anybodys?.origin;
}

/** Who has left to an owner what it has at a place; undefined: nobody. */
export function originOfAddition(situated: Situated, { owner, leaf }: Holder): Origin | undefined {
  return isSharedList(situated.desired, leaf) ? { is: "chart" } : leaving(situated, owner, leaf)?.origin;
}

/** Whether it leaves a field of a manifest to anybody: also to who has taken it away, which leaves no owner. */
function isAnybodysAt(
  { path, by, onlyEmpty, onlyAdded }: Left,
  desired: KubeObject,
  pointer: string,
): boolean {
  if (by !== undefined || onlyAdded === true) return false;
  const places = foundAt(desired, path).filter(({ value }) => onlyEmpty !== true || isEmpty(value));
  return places.some(place => isWithin(pointer, place.pointer));
}
