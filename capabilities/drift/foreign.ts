import { find, keysOf, membersOf, ownersOf, type FieldPath, type FieldSet } from "../kube/managed-fields";
import type { KubeObject } from "../kube/object";
import { perObject } from "../kube/per-object";
import { isHelm } from "./owners";

/**
 * How many desired fields of a live object somebody but Helm owns: the fields that a server-side apply of Helm's conflicts on once the
 * chart changes them.
 *
 * @param manager the field manager that Helm writes as
 */
export function foreignIn(desired: KubeObject, live: KubeObject, manager: string): number {
  const others = ownersOf(live).filter(owner => !isHelm(owner, manager));
  const pointers = others.flatMap(({ fields }) =>
    fieldsOf(fields).flatMap(path => find(desired, path)?.pointer ?? []),
  );
  return new Set(pointers).size;
}

/** Every field with a value of its own that can change: neither a map or item as such, nor the key of an item. */
const fieldsOf = perObject((fields: FieldSet): readonly FieldPath[] =>
  membersOf(fields).filter(path => path.at(-1) !== "." && !isKey(path)),
);

function isKey(path: FieldPath): boolean {
  const [item = "", field = ""] = path.slice(-2);
  return Object.hasOwn(keysOf(item), field.slice("f:".length));
}
