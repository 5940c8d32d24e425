import { find, isWithin, leavesOf, ownersOf, type FieldOwner } from "../kube/managed-fields";
import type { KubeObject } from "../kube/object";
import { perObject } from "../kube/per-object";
import { BEFORE_FIRST_APPLY, isController } from "./owners";
import { renamedOf } from "./renamed";
import { at } from "./put";

/** Names that identify nobody: an empty name, and the API server's name for everything from before managers were tracked. */
const NOBODY = new Set(["", BEFORE_FIRST_APPLY]);

/** Somebody who has changed an object. */
interface Author {
  /** The field manager, as whoever writes chooses to be called. */
  readonly manager: string;
  /** When they have last changed what they own of the object, as metav1.Time; undefined if unknown. */
  readonly at: string | undefined;
}

/**
 * Returns who changed fields of an object, by the field managers in its managedFields. Writers choose these names
 * themselves. Somebody who only removed a field leaves no trace.
 *
 * @param live the object as it was observed
 * @param fields JSON pointers to what was changed
 * @param helm the field manager that Helm writes as
 * @returns each once, sorted by name
 */
export function authorsOf(live: KubeObject, fields: readonly string[], helm: string): Author[] {
  const authors = new Map<string, Author>();
  for (const { manager, entry } of ownersAt(live, fields)) {
    if (manager === helm || NOBODY.has(manager)) continue;
    const time = typeof entry.time === "string" ? entry.time : undefined;
    const before = authors.get(manager)?.at;
    authors.set(manager, { manager, at: before === undefined || (time ?? "") > before ? time : before });
  }
  return [...authors.values()].sort((one, other) => (one.manager < other.manager ? -1 : 1));
}

/** Their names only. */
export function changedBy(live: KubeObject, fields: readonly string[], helm: string): string[] {
  return authorsOf(live, fields, helm).map(({ manager }) => manager);
}

/**
 * Who owns one of some places. What nobody owns was written through another API version, by whose paths it can't be found: by any who has
 * written so, but for controllers of the object, which write all the time.
 */
function ownersAt(live: KubeObject, fields: readonly string[]): readonly FieldOwner[] {
  const owners = ownersOf(live);
  const found = owners.filter(owner => ownsOneOf(owner, live, fields));
  if (found.length > 0 || !fields.some(field => at(live, field) !== undefined)) return found;
  return owners.filter(
    owner =>
      !["", live.apiVersion].includes(owner.apiVersion) &&
      owner.subresource === undefined &&
      !isController(owner, owners),
  );
}

function ownsOneOf(owner: FieldOwner, live: KubeObject, fields: readonly string[]): boolean {
  const places = placesIn(live).get(owner) ?? [];
  return places.some(pointer => fields.some(field => isWithin(pointer, field) || isWithin(field, pointer)));
}

/** JSON pointers to what each owner of an object has there. */
const placesIn = perObject(
  (live: KubeObject): ReadonlyMap<FieldOwner, readonly string[]> =>
    new Map(
      ownersOf(live).map(owner => [
        owner,
        [
          ...leavesOf(owner.fields).flatMap(leaf => find(live, leaf)?.pointer ?? []),
          ...renamedOf(owner, live).map(({ pointer }) => pointer),
        ],
      ]),
    ),
);
