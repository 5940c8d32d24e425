import * as z from "zod";
import { stateOf, type Precondition } from "../kube/version";
import { kindOf } from "../kube/kinds";
import type { KubeObject } from "../kube/object";

export const LEASES = kindOf({
  apiVersion: "coordination.k8s.io/v1",
  kind: "Lease",
  plural: "leases",
  namespaced: true,
});

/** How long a place is its holder's after it was renewed, in seconds. */
const DURATION = 15;

/** The same in milliseconds. What a Lease says of itself does not count: somebody else may have written it. */
export const LASTS = DURATION * 1000;

const schema = z.object({ spec: z.object({ holderIdentity: z.string() }) });

/** A place as it was seen. */
export interface Lease {
  readonly state: Precondition;
  /** Empty if it is nobody's. */
  readonly holder: string;
  /** performance.now() since when it has been seen so: clocks of other machines say nothing. */
  readonly since: number;
}

/** Reads a Lease, which others may write. @param before as it was seen last */
export function readLease(object: KubeObject, before: Lease | undefined): Lease {
  const state = stateOf(object);
  if (before?.state.resourceVersion === state.resourceVersion) return before;
  const { data } = schema.safeParse(object);
  return { state, holder: data?.spec.holderIdentity ?? "", since: performance.now() };
}

/**
 * Whether a place can be taken: nobody has it, or whoever has it has not renewed it in time.
 *
 * @param lease undefined if there is none
 * @param now performance.now()
 */
export function isFree(lease: Lease | undefined, identity: string, now: number): boolean {
  if (!lease || lease.holder === "" || lease.holder === identity) return true;
  return now - lease.since > LASTS;
}

/** The Lease of a place. @param holder empty to leave it */
export function leaseOf(metadata: { readonly name: string; readonly namespace: string }, holder: string) {
  const { apiVersion, kind } = LEASES;
  const renewTime = new Date().toISOString().replace("Z", "000Z");
  const spec = { holderIdentity: holder, leaseDurationSeconds: DURATION, renewTime };
  return { apiVersion, kind, metadata, spec };
}
