import type { Condition } from "../../crds/helm-release";
import type { LockerPolicyObject, LockerPolicyStatus } from "../../crds/helm-locker-policy";
import { MAX_MESSAGE, since } from "./conditions";
import { cutToBytes } from "./fit";
import { errorWords, few } from "./words";

/** The condition of a HelmLockerPolicy, and each of its reasons. */
export const POLICY_CONDITION = {
  about: "Whether the policy is followed: for each release that it matches, there is a HelmRelease.",
  reasons: {
    Followed: "It is followed.",
    InvalidSpec: "The spec can't be followed. What the policy has locked before stays locked as it was.",
    MatchesNothing: "No release can ever match, whatever its labels are.",
    NotSeen: "What decides which releases match is not seen now. What is locked stays so.",
    NotLocked: "Some HelmReleases can't be made or changed, which is tried again.",
  },
} as const;

/** What is known of a HelmLockerPolicy. */
export interface PolicyFacts {
  /** Why its spec can't be followed; undefined if it can. */
  readonly problem: string | undefined;
  /** Why nothing can match; undefined if something may. */
  readonly obstacle: string | undefined;
  /** What is not seen, in words. */
  readonly unseen: readonly string[];
  readonly matched: number;
  readonly locked: number;
  /** How many more objects have differed when they were first locked. */
  readonly newlyDiffered: number;
  readonly failures: readonly { readonly release: string; readonly error: unknown }[];
}

/** The status to write. @param now RFC 3339 */
export function policyStatusOf(
  { metadata, status }: LockerPolicyObject,
  facts: PolicyFacts,
  now: string,
): LockerPolicyStatus {
  const { matched, locked, newlyDiffered } = facts;
  const observedGeneration = metadata.generation ?? 0;
  const known = status?.conditions ?? [];
  const ready = { type: "Ready", ...verdictOf(facts) };
  const condition: Condition = {
    ...ready,
    lastTransitionTime: since(ready, known, now),
    observedGeneration,
  };
  return {
    matched,
    locked,
    differed: (status?.differed ?? 0) + newlyDiffered,
    conditions: [...known.filter(({ type }) => type !== "Ready"), condition],
    observedGeneration,
  };
}

type Verdict = Required<Pick<Condition, "status" | "reason" | "message">>;

function verdictOf({ problem, obstacle, unseen, failures, matched }: PolicyFacts): Verdict {
  if (problem !== undefined)
    return not("InvalidSpec", `${problem}. Until that is mended, what the policy has locked stays as it is.`);
  if (obstacle !== undefined) return not("MatchesNothing", `${obstacle}: no release can match`);
  if (unseen.length > 0) return not("NotSeen", `${few(unseen)}. What is locked stays so.`);
  const [first] = failures;
  if (!first) return { status: "True", reason: "Followed", message: `matches ${matched} releases` };
  const others = failures.length === 1 ? "" : `, and ${failures.length - 1} more`;
  return not("NotLocked", `release ${first.release}${others}: ${errorWords(first.error)}`);
}

function not(reason: keyof typeof POLICY_CONDITION.reasons, message: string): Verdict {
  return { status: "False", reason, message: cutToBytes(message, MAX_MESSAGE) };
}
