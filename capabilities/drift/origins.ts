import { find, isWithin, leavesOf, ownersOf, type FieldOwner, type FieldPath } from "../kube/managed-fields";
import type { KubeObject } from "../kube/object";
import { foundAt, type Left, type Origin } from "../kube/path";
import { Places } from "../kube/places";
import { isEmpty, isSharedList, leaving, type Situated } from "./left";

/** Somebody who owns a field. */
export interface Holder {
  readonly owner: FieldOwner;
  readonly leaf: FieldPath;
}

/** Who owns the fields of a manifest in the live object, by their places in the manifest. */
export function holdersIn(desired: KubeObject, live: KubeObject): Places<Holder> {
  return new Places(
    ownersOf(live).flatMap(owner =>
      leavesOf(owner.fields).flatMap((leaf): [string, Holder][] => {
        const place = find(desired, leaf)?.pointer;
        return place === undefined ? [] : [[place, { owner, leaf }]];
      }),
    ),
  );
}

/**
 * Who has a field of a manifest left to others, whoever these are; undefined: nobody.
 *
 * @param pointer JSON pointer into the manifest
 * @param holders who own the field, or what is around or inside it
 */
export function originOfField(
  situated: Situated,
  pointer: string,
  holders: readonly Holder[],
): Origin | undefined {
  const { desired, left } = situated;
  const theirs = holders.map(holder => originOfAddition(situated, holder));
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
