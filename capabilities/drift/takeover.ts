import {
  including,
  ownersOf,
  subset,
  without,
  type FieldOwner,
  type FieldPath,
  type FieldSet,
} from "../kube/managed-fields";
import type { Json, JsonObject, KubeObject, PatchOperation } from "../kube/object";
import type { Addition } from "./additions";
import { byPosition, unchanged } from "./mend";
import type { Removed } from "./operation";
import { isApplyOf, isForeign } from "./owners";

/**
 * Removes what was added. The patch leaves no entry of the locker in managedFields.
 *
 * @param live the object as it was observed; the patch is refused if it has changed since
 */
export function removal(live: KubeObject, removed: readonly Pick<Removed, "pointer">[]): PatchOperation[] {
  // From the back, so that no removal moves the list items that are still to be removed.
  const fromTheBack = removed
    .map(({ pointer }) => pointer)
    .sort(byPosition)
    .reverse();
  return [...unchanged(live), ...fromTheBack.map(path => ({ op: "remove" as const, path }))];
}

/**
 * Gives additions to Helm's own apply entry, so that the next apply prunes them in the same step in which it restores
 * what was changed. Moves paths, never whole entries: the owners keep everything else.
 *
 * @param live the object as it was observed; the patch is refused if it has changed since
 * @param manager the field manager that Helm writes as
 */
export function takeover(live: KubeObject, found: readonly Addition[], manager: string): PatchOperation[] {
  const paths = found.map(({ path }) => path);
  const owners = ownersOf(live);
  const taken = owners
    .filter(owner => isForeign(owner, owners, manager))
    .reduce<FieldSet>((all, owner) => take(all, owner, paths), {});
  const left = owners.flatMap(owner =>
    isForeign(owner, owners, manager) ? (leave(owner, paths) ?? []) : owner.entry,
  );
  const own = owners.find(owner => isApplyOf(owner, manager));
  const entry: JsonObject = {
    apiVersion: live.apiVersion,
    fieldsType: "FieldsV1",
    ...own?.entry,
    manager,
    operation: "Apply",
    fieldsV1: including(own?.fields ?? {}, [], taken),
  };
  const value: Json = own ? left.map(other => (other === own.entry ? entry : other)) : [...left, entry];
  return [...unchanged(live), { op: "replace", path: "/metadata/managedFields", value }];
}

function take(all: FieldSet, owner: FieldOwner, paths: readonly FieldPath[]): FieldSet {
  return paths.reduce((sum, path) => {
    const part = subset(owner.fields, path);
    return part ? including(sum, path, part) : sum;
  }, all);
}

/** An entry without the paths; undefined if nothing is left. */
function leave(owner: FieldOwner, paths: readonly FieldPath[]): JsonObject | undefined {
  const fieldsV1 = paths.reduce(without, owner.fields);
  return Object.keys(fieldsV1).length === 0 ? undefined : { ...owner.entry, fieldsV1 };
}
