import type { PolicySpec } from "../../crds/spec";
import type { Account } from "../kube/account";
import { DEFAULT_POLICY, type Policy } from "../policy/policy";
import type { ReleaseRef } from "../release/release";

/** How one HelmRelease asks for its release to be locked. */
export interface Standing {
  readonly policy: Policy;
  /** What the policy was read from. */
  readonly spec: PolicySpec;
  /** Whether it is suspended by a spec that can't be followed otherwise. */
  readonly isForced: boolean;
  /** Whether its annotation allows creates that are not safe. */
  readonly isVouched: boolean;
  /** Whether a policy made it. */
  readonly isByPolicy: boolean;
  /** metadata.creationTimestamp of the HelmRelease. */
  readonly since: string;
  /** metadata.uid of the HelmRelease: one of the same name is another one. */
  readonly uid: string | undefined;
  /** metadata.generation of the HelmRelease, whose status tells of it. */
  readonly generation: number | undefined;
}

/** What a HelmRelease asks for that says no more than a release. */
export const PLAIN: Standing = {
  policy: DEFAULT_POLICY,
  spec: {},
  isForced: false,
  isVouched: false,
  isByPolicy: false,
  since: "",
  uid: undefined,
  generation: undefined,
};

/** What a lock does about drift: what its policy says, or nothing while it is suspended. */
export type Mode = Policy["mode"] | "suspended";

/** The mode in effect. */
export function modeOf({ policy, isSuspended }: { policy: Policy; isSuspended: boolean }): Mode {
  return isSuspended ? "suspended" : policy.mode;
}

/** Whether drift is looked for in a mode. */
export function looksForDrift(mode: Mode): boolean {
  return mode === "enabled" || mode === "warn";
}

/** What follows for a lock from what its HelmReleases ask for. */
export interface Governing {
  /** The HelmRelease whose policy holds. */
  readonly governor: string | undefined;
  /** The policy that holds. */
  readonly policy: Policy;
  /** Whether creates are allowed that are not safe. */
  readonly allowsCreate: boolean;
  /** Whether only a policy has named the release, and nobody's rights bound what is written: its record alone is no reason for any object. */
  readonly isUnnamed: boolean;
}

/** A lock, as far as it matters for whose rights count. */
interface Whose {
  readonly policy: Pick<Policy, "serviceAccount">;
  readonly release: ReleaseRef;
}

/** The ServiceAccount that a lock writes as; undefined: the locker's own. */
export function accountOf({ policy, release }: Whose): Account | undefined {
  const name = policy.serviceAccount;
  return name === undefined ? undefined : { namespace: release.namespace, name };
}

/** Of all HelmReleases of a release, the oldest one's policy holds that no policy has made; each may vouch for what it tracks. */
export function governing(helmReleases: ReadonlyMap<string, Standing>): Governing {
  const [[governor, { policy, spec, isByPolicy }] = [undefined, PLAIN]] = [...helmReleases].sort(byAge);
  const isVouched = [...helmReleases.values()].some(standing => standing.isVouched);
  return {
    governor,
    policy,
    allowsCreate: isVouched || policy.allowsCreate,
    isUnnamed: isByPolicy && spec.serviceAccountName === undefined,
  };
}

function byAge(
  [one, { since, isByPolicy }]: [string, Standing],
  [other, { since: otherSince, isByPolicy: isOtherByPolicy }]: [string, Standing],
): number {
  if (isByPolicy !== isOtherByPolicy) return isByPolicy ? 1 : -1;
  if (since !== otherSince) return since < otherSince ? -1 : 1;
  return one < other ? -1 : 1;
}

/** Whether a suspension has not come to its end. @param now milliseconds since 1970 */
export function isSuspendedAt({ suspension }: Policy, now: number): boolean {
  return suspension !== undefined && (suspension.until === undefined || now < suspension.until);
}
