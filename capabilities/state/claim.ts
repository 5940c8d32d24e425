import * as z from "zod";
import type { HelmRelease } from "../../crds/helm-release";
import { namedSchema, policySchema, type PolicySpec } from "../../crds/spec";
import { ORIGINAL_FINALIZER } from "../drift/rancher-marks";
import { canBeNamespace } from "../kube/kinds";
import { isObject } from "../kube/object";
import { perObject } from "../kube/per-object";
import { policyOf, type Policy } from "../policy/policy";
import { issueWords, PolicyError } from "../policy/policy-error";
import { isTime } from "../policy/time";
import { canBeReleaseName, type ReleaseRef } from "../release/release";
import type { Standing } from "./standing";

/** Annotation that gives a HelmRelease to one controller name. Source: rancher/helm-locker. */
export const MANAGED_BY_ANNOTATION = "helmreleases.cattle.io/managed-by";

/** Lets the locker create or adopt objects that it never saw live under a release: on a HelmRelease, with the value "true". */
export const ALLOW_CREATE_ANNOTATION = "helmreleases.cattle.io/allow-create";

/** Label of a HelmRelease that a HelmLockerPolicy made: its name. */
export const POLICY_LABEL = "helmreleases.cattle.io/policy";

/** The HelmLockerPolicy that made a HelmRelease; undefined if none did. */
export function policyLabelOf({ metadata: { labels } }: Pick<HelmRelease, "metadata">): string | undefined {
  return labels?.[POLICY_LABEL];
}

/** What a HelmRelease asks of this controller. */
export type Claim =
  /** It belongs to another controller name; report nothing about it. */
  | { readonly is: "foreign" }
  /** It is being deleted; `finalizer` is the index of the original's finalizer. */
  | { readonly is: "leaving"; readonly finalizer: number | undefined }
  /** Its spec can't be followed. */
  | ({ readonly is: "invalid"; readonly unclaimed: boolean } & Unreadable)
  | ({ readonly is: "valid"; readonly unclaimed: boolean } & Readable);

/** A spec that can be followed. */
interface Readable extends PolicyRead {
  readonly release: ReleaseRef;
}

/** What a spec asks for beyond its release. */
export interface PolicyRead {
  readonly policy: Policy;
  /** What the policy was read from. */
  readonly spec: PolicySpec;
}

/** A spec that can't. */
interface Unreadable {
  readonly reason: string;
  /** Undefined if it names no release. */
  readonly release: ReleaseRef | undefined;
  /** Whether it asks for a suspension without a readable end: that counts, whatever else is wrong. */
  readonly suspends: boolean;
}

/** Whether an object belongs to a controller with another name. */
export function isForeign({ metadata }: Pick<HelmRelease, "metadata">, controllerName: string): boolean {
  return (metadata.annotations?.[MANAGED_BY_ANNOTATION] ?? controllerName) !== controllerName;
}

/** Reads what a HelmRelease asks of the controller with this name. */
export function claimOf(helmRelease: HelmRelease, controllerName: string): Claim {
  const { annotations = {}, deletionTimestamp, finalizers = [] } = helmRelease.metadata;
  if (isForeign(helmRelease, controllerName)) return { is: "foreign" };
  if (deletionTimestamp !== undefined) {
    const index = finalizers.indexOf(ORIGINAL_FINALIZER);
    return { is: "leaving", finalizer: index < 0 ? undefined : index };
  }
  return { ...readSpec(helmRelease.spec), unclaimed: annotations[MANAGED_BY_ANNOTATION] === undefined };
}

function readSpec(spec: unknown): ({ is: "valid" } & Readable) | ({ is: "invalid" } & Unreadable) {
  return isObject(spec) ? readSpecOnce(spec) : invalid(NO_RELEASE, spec);
}

const readSpecOnce = perObject((spec: object) => {
  const named = namedSchema.safeParse(spec).data?.release;
  const release = { name: named?.name ?? "", namespace: named?.namespace ?? "" };
  const reason = nameProblem(release.name) ?? namespaceProblem(release.namespace);
  if (reason !== undefined) return invalid(reason, spec);
  try {
    return { is: "valid", release, ...parsePolicy(spec) } as const;
  } catch (error) {
    if (!(error instanceof PolicyError)) throw error;
    return invalid(error.message, spec, release);
  }
});

/** What a spec asks for beyond its release; undefined if that can't be followed. */
export function readPolicy(spec: unknown): PolicyRead | undefined {
  try {
    return parsePolicy(spec);
  } catch (error) {
    if (!(error instanceof PolicyError)) throw error;
    return undefined;
  }
}

/** What a spec asks for beyond its release. @throws PolicyError if that can't be followed */
export function parsePolicy(spec: unknown): PolicyRead {
  const { data, error } = policySchema.safeParse(spec);
  if (!data) throw new PolicyError(issueWords(error));
  return { policy: policyOf(data), spec: data };
}

function invalid(reason: string, spec: unknown, release?: ReleaseRef): { is: "invalid" } & Unreadable {
  return { is: "invalid", reason, release, suspends: suspendsSchema.safeParse(spec).success };
}

/** A suspension of which nobody can read when it ends. */
const suspendsSchema = z.object({
  suspend: z.literal(true),
  suspendUntil: z
    .unknown()
    .refine(until => typeof until !== "string" || !isTime(until))
    .optional(),
});

const NO_RELEASE = "spec.release.name is empty: name the Helm release to lock";

function nameProblem(name: string): string | undefined {
  if (name === "") return NO_RELEASE;
  if (!canBeReleaseName(name)) return `spec.release.name "${name}" can't be the name of a Helm release`;
  return undefined;
}

function namespaceProblem(namespace: string): string | undefined {
  if (namespace === "") return "spec.release.namespace is empty: name the namespace of the Helm release";
  if (!canBeNamespace(namespace))
    return `spec.release.namespace "${namespace}" can't be the name of a namespace`;
  return undefined;
}

/** A suspension that does not say when it ends. */
const FORCED = { until: undefined, reason: "" };

/** How a HelmRelease asks for its release to be locked. @param isForced whether only its suspension could be read */
export function standingOf(
  { metadata }: HelmRelease,
  { policy, spec }: PolicyRead,
  isForced: boolean,
): Standing {
  return {
    policy: isForced ? { ...policy, suspension: FORCED } : policy,
    spec,
    isForced,
    isVouched: metadata.annotations?.[ALLOW_CREATE_ANNOTATION] === "true",
    isByPolicy: policyLabelOf({ metadata }) !== undefined,
    since: metadata.creationTimestamp ?? "",
    uid: metadata.uid,
    generation: metadata.generation,
  };
}
