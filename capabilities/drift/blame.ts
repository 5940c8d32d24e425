import { find, isWithin, leavesOf, ownersOf, type FieldOwner } from "../kube/managed-fields";
import type { KubeObject } from "../kube/object";
import { renamedOf } from "./renamed";

/** Names that identify nobody: an empty name, and the API server's name for everything from before managers were tracked. */
const NOBODY = new Set(["", "before-first-apply"]);

/**
 * Returns who changed fields of an object, by the field managers in its managedFields. Writers choose these names
 * themselves. Somebody who only removed a field leaves no trace.
 *
 * @param live the object as it was observed
 * @param fields JSON pointers to what was changed
 * @param helm the field manager that Helm writes as
 * @returns the names, sorted
 */
export function changedBy(live: KubeObject, fields: readonly string[], helm: string): string[] {
  const others = ownersOf(live).filter(({ manager }) => manager !== helm && !NOBODY.has(manager));
  const names = others.filter(owner => ownsOneOf(owner, live, fields)).map(({ manager }) => manager);
  return [...new Set(names)].sort();
}

function ownsOneOf(owner: FieldOwner, live: KubeObject, fields: readonly string[]): boolean {
  const pointers = leavesOf(owner.fields).flatMap(leaf => find(live, leaf)?.pointer ?? []);
  const renamed = renamedOf(owner, live).map(({ pointer }) => pointer);
  return [...pointers, ...renamed].some(pointer =>
    fields.some(field => isWithin(pointer, field) || isWithin(field, pointer)),
  );
}
