import { find, keysOf, membersOf, ownersOf, type FieldPath, type FieldSet } from "../kube/managed-fields";
import type { KubeObject } from "../kube/object";
import { perObject } from "../kube/per-object";
import { isHelm } from "./owners";

/**
 * The desired fields of a live object that somebody but Helm owns: those that a server-side apply of Helm's conflicts on once the chart
 * changes them.
 *
 * @param manager the field manager that Helm writes as
 * @returns JSON pointers into the desired object, each with its owners' field managers
 */
export function foreignIn(
  desired: KubeObject,
  live: KubeObject,
  manager: string,
): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  for (const owner of ownersOf(live).filter(other => !isHelm(other, manager)))
    for (const pointer of fieldsOf(owner.fields).flatMap(path => find(desired, path)?.pointer ?? []))
      found.set(pointer, [...new Set([...(found.get(pointer) ?? []), owner.manager])]);
  return found;
}

/** Every field with a value of its own that can change: neither a map or item as such, nor the key of an item. */
const fieldsOf = perObject((fields: FieldSet): readonly FieldPath[] =>
  membersOf(fields).filter(path => path.at(-1) !== "." && !isKey(path)),
);

function isKey(path: FieldPath): boolean {
  const [item = "", field = ""] = path.slice(-2);
  return Object.hasOwn(keysOf(item), field.slice("f:".length));
}
