import type { KubeObject } from "../kube/object";
import { fieldManagerVote } from "../release/field-manager";
import { isOwnedBy } from "../release/ownership";
import type { ReleaseRef } from "../release/release";

/** A release that may want an object. */
export interface Claimant {
  readonly release: ReleaseRef;
  /** Whether a HelmRelease allows it what its record alone does not. */
  readonly isVouched: boolean;
}

/**
 * Whether an object that a locked release has may go over to another one, if that tracks it. More than a name is needed, because anybody
 * who may edit the object can write that, and anybody may have a namespace for records.
 *
 * The other release's records have to be in the same namespace as those of the release that has it: who writes there can unlock the object
 * anyway, by a record of that release without it. From elsewhere, an administrator has to vouch. In both cases Helm has to have written the
 * name, as `helm upgrade --take-ownership` does, and not kubectl.
 */
export function mayTakeOver(live: KubeObject, { release, isVouched }: Claimant, holder: ReleaseRef): boolean {
  const isNear = release.namespace === holder.namespace;
  return (isNear || isVouched) && isOwnedBy(live, release) && fieldManagerVote(live) !== undefined;
}
