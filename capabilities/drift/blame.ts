import { find, leavesOf, ownersOf, type FieldOwner } from "../kube/managed-fields";
import type { KubeObject } from "../kube/object";

/** No one's name: entries without one, and what stands for all from before managers were tracked. */
const NOBODY = new Set(["", "before-first-apply"]);

/**
 * Who changed fields of an object, by the field managers of its managedFields. The names are the writers' own word; who only removed a
 * field has left no trace.
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
  return leavesOf(owner.fields).some(leaf => {
    const pointer = find(live, leaf)?.pointer;
    return (
      pointer !== undefined && fields.some(field => isWithin(pointer, field) || isWithin(field, pointer))
    );
  });
}

function isWithin(pointer: string, other: string): boolean {
  return pointer === other || pointer.startsWith(`${other}/`);
}
