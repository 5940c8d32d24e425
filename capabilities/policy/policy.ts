import type { PolicySpec } from "../../crds/spec";
import { admissionOf, NO_ADMISSION, type Admission } from "./admission";
import { readRules, type IgnoreRule } from "./ignore-rules";
import { PolicyError } from "./policy-error";
import { readTime } from "./time";

/** How a release is locked, as its HelmRelease asks for. */
export interface Policy {
  /** Undefined if it is not suspended. */
  readonly suspension: Suspension | undefined;
  readonly mode: "enabled" | "warn" | "disabled";
  /** What is left as it is. */
  readonly ignore: readonly IgnoreRule[];
  /** Whether what others add stands. */
  readonly keepsAdditions: boolean;
  /** Whether the catalogue of known controllers counts. */
  readonly knowsControllers: boolean;
  /** Whether creates and adoptions are allowed that are not safe. */
  readonly allowsCreate: boolean;
  /** What is recorded of a change. */
  readonly recordDiff: "Fields" | "Values" | "None";
  /** What the API server does about a change by hand. */
  readonly admission: Admission;
  /** The ServiceAccount of the release's namespace that writes; undefined: the locker's own. */
  readonly serviceAccount: string | undefined;
}

/** A suspended lock writes nothing, and looks for nothing. */
interface Suspension {
  /** When it ends by itself, in milliseconds since 1970; undefined: not by itself. */
  readonly until: number | undefined;
  readonly reason: string;
}

/** What a HelmRelease without any of these fields asks for. */
export const DEFAULT_POLICY: Policy = {
  suspension: undefined,
  mode: "enabled",
  ignore: [],
  keepsAdditions: false,
  knowsControllers: true,
  allowsCreate: false,
  recordDiff: "Fields",
  admission: NO_ADMISSION,
  serviceAccount: undefined,
};

/**
 * What a spec asks for.
 *
 * @throws PolicyError
 */
export function policyOf(spec: PolicySpec): Policy {
  const { mode, ignore, additions, knownControllers, allowCreate, recordDiff } = spec.driftDetection ?? {};
  return {
    suspension: suspensionOf(spec),
    mode: mode ?? DEFAULT_POLICY.mode,
    ignore: readRules(ignore ?? []),
    keepsAdditions: additions === "Keep",
    knowsControllers: knownControllers ?? DEFAULT_POLICY.knowsControllers,
    allowsCreate: allowCreate ?? DEFAULT_POLICY.allowsCreate,
    recordDiff: recordDiff ?? DEFAULT_POLICY.recordDiff,
    admission: admissionOf(spec.admission),
    serviceAccount: spec.serviceAccountName,
  };
}

/** As much of the places of a change as may be recorded. */
export function recordable(
  fields: readonly string[],
  { recordDiff }: Pick<Policy, "recordDiff">,
): readonly string[] {
  return recordDiff === "None" ? [] : fields;
}

function suspensionOf({ suspend, suspendUntil, suspendReason }: PolicySpec): Suspension | undefined {
  if (suspendUntil !== undefined && suspend !== true)
    throw new PolicyError("spec.suspendUntil needs spec.suspend: true");
  if (suspend !== true) return undefined;
  const until = suspendUntil === undefined ? undefined : readTime("spec.suspendUntil", suspendUntil);
  return { until, reason: suspendReason ?? "" };
}
