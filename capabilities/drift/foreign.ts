import {
  find,
  keysOf,
  membersOf,
  ownersOf,
  type FieldOwner,
  type FieldPath,
  type FieldSet,
} from "../kube/managed-fields";
import type { KubeObject } from "../kube/object";
import { perObject } from "../kube/per-object";
import { isHelm } from "./owners";

/** A desired field that somebody owns. */
export interface OwnedField {
  readonly path: FieldPath;
  /** JSON pointer into the desired object. */
  readonly pointer: string;
  readonly owner: FieldOwner;
}

/** The desired fields that owners of a live object have: those with a value of their own, which can change. */
export function fieldsOwned(
  desired: KubeObject,
  live: KubeObject,
  isMeant: (owner: FieldOwner) => boolean,
): OwnedField[] {
  return ownersOf(live)
    .filter(isMeant)
    .flatMap(owner =>
      fieldsOf(owner.fields).flatMap(path => {
        const pointer = find(desired, path)?.pointer;
        return pointer === undefined ? [] : [{ path, pointer, owner }];
      }),
    );
}

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
  for (const { pointer, owner } of fieldsOwned(desired, live, other => !isHelm(other, manager)))
    found.set(pointer, [...new Set([...(found.get(pointer) ?? []), owner.manager])]);
  return found;
}

/** Every field with a value of its own that can change: neither a map or item as such, nor the key of an item, nor an item that is its key. */
const fieldsOf = perObject((fields: FieldSet): readonly FieldPath[] =>
  membersOf(fields).filter(path => path.at(-1)?.startsWith("f:") === true && !isKey(path)),
);

function isKey(path: FieldPath): boolean {
  const [item = "", field = ""] = path.slice(-2);
  return Object.hasOwn(keysOf(item), field.slice("f:".length));
}
