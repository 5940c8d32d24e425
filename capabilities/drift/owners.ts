import type { FieldOwner } from "../kube/managed-fields";
import { DEFAULT_FIELD_MANAGER } from "../release/ownership";

/** Whether an owner is Helm's own apply. */
export function isApplyOf(owner: FieldOwner, manager: string): boolean {
  return owner.manager === manager && owner.operation === "Apply" && owner.subresource === undefined;
}

/**
 * Helm's default name also counts if another program now writes the release. The other name stands for everything from
 * before managers were tracked.
 */
const NOBODY_ELSE = new Set([DEFAULT_FIELD_MANAGER, "before-first-apply"]);

/** Whether an owner is neither Helm nor a controller of the object. */
export function isForeign(owner: FieldOwner, owners: readonly FieldOwner[], manager: string): boolean {
  if (owner.subresource !== undefined || owner.manager === manager || NOBODY_ELSE.has(owner.manager))
    return false;
  return !isController(owner, owners);
}

/** Whether an owner also writes the object's status; kubectl never counts as a controller, whatever it wrote. */
export function isController(owner: FieldOwner, owners: readonly FieldOwner[]): boolean {
  if (owner.manager.startsWith("kubectl")) return false;
  return owners.some(other => other.manager === owner.manager && other.subresource === "status");
}
