import type { FieldOwner } from "../kube/managed-fields";
import { DEFAULT_FIELD_MANAGER } from "../release/field-manager";
import { RULE, type Writer } from "./rule";

/** Whether an owner is Helm's own apply. */
export function isApplyOf(owner: FieldOwner, manager: string): boolean {
  return owner.manager === manager && owner.operation === "Apply" && owner.subresource === undefined;
}

/** The API server's name for whoever had written an object of which nobody was known to have, when it was first applied. */
export const BEFORE_FIRST_APPLY = "before-first-apply";

/** Helm's default name also counts if another program now writes the release. */
const NOBODY_ELSE = new Set([DEFAULT_FIELD_MANAGER, BEFORE_FIRST_APPLY]);

/** Whether an owner is Helm, under the name that it writes this release as or the one that it has by itself. */
export function isHelm(owner: Pick<FieldOwner, "manager">, manager: string): boolean {
  return owner.manager === manager || NOBODY_ELSE.has(owner.manager);
}

/** Whether what an owner has added goes back. */
export function isForeign(owner: FieldOwner, owners: readonly FieldOwner[], manager: string): boolean {
  return RULE.nothing[writerOf(owner, owners, manager)] === "goes back";
}

/** Who an owner is. What came through a subresource is an autoscaler's, or a controller's that writes the status. */
export function writerOf(owner: FieldOwner, owners: readonly FieldOwner[], manager: string): Writer {
  if (owner.subresource === "scale") return "an autoscaler";
  if (isHelm(owner, manager)) return "Helm";
  return owner.subresource !== undefined || isController(owner, owners)
    ? "a controller of the object"
    : "a hand";
}

/**
 * Whether an owner also writes the object's status, through the subresource or, for kinds without one, beside all else; kubectl never
 * counts, whatever it wrote.
 */
export function isController(owner: FieldOwner, owners: readonly FieldOwner[]): boolean {
  if (owner.manager.startsWith("kubectl")) return false;
  return owners.some(
    ({ manager, subresource, fields }) =>
      manager === owner.manager && (subresource === "status" || Object.hasOwn(fields, "f:status")),
  );
}
