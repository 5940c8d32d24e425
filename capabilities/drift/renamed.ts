import {
  depthIn,
  elementFor,
  find,
  leavesOf,
  ownersOf,
  positionIn,
  subset,
  type FieldOwner,
  type FieldPath,
  type Found,
} from "../kube/managed-fields";
import type { Json, KubeObject } from "../kube/object";

/** A list item that nobody has put there under its name. */
export interface Renamed extends Found {
  /** By the name that it has. */
  readonly path: FieldPath;
}

/**
 * Finds the list items that may be what an owner has put there under another name: of its own items, the list lacks one, and of the list's,
 * everybody's entries lack one. They have the keys that were applied, of which the server may make others, as of an empty protocol of a
 * port its default.
 */
export function renamedOf(owner: FieldOwner, live: KubeObject): Renamed[] {
  const found = lostBy(owner, live).flatMap(lost => {
    const list = find(live, lost.slice(0, -1));
    return list && Array.isArray(list.value)
      ? namelessIn(live, list.value, { pointer: list.pointer, lost })
      : [];
  });
  return [...new Map(found.map(item => [item.pointer, item])).values()];
}

/** The list items that an owner has and that are not there. */
function lostBy({ fields }: FieldOwner, live: KubeObject): FieldPath[] {
  return leavesOf(fields).flatMap(leaf => {
    const depth = depthIn(live, leaf);
    return leaf[depth]?.startsWith("f:") === false ? [leaf.slice(0, depth + 1)] : [];
  });
}

/** The items of a list that nobody's entry has. */
function namelessIn(
  live: KubeObject,
  items: readonly Json[],
  { pointer, lost }: { readonly pointer: string; readonly lost: FieldPath },
): Renamed[] {
  const list = lost.slice(0, -1);
  const elements = ownersOf(live).flatMap(({ fields }) => Object.keys(subset(fields, list) ?? {}));
  const named = new Set(elements.map(element => positionIn(items, element)));
  return items.flatMap((value, index) => {
    const element = named.has(index) ? undefined : elementFor(value, lost.at(-1) ?? "");
    return element === undefined ? [] : [{ pointer: `${pointer}/${index}`, value, path: [...list, element] }];
  });
}
