import { ForbiddenError, isRefusal } from "../cluster/errors";
import type { Reason } from "../drift/reasons";
import type { Problem } from "../state/problems";

/** Why an object is not put right, in one word; undefined if nothing stands against it. */
export function blockedBy(problem: Problem | undefined): string | undefined {
  if (!problem) return undefined;
  if (problem.is === "left") return LEFT[problem.because.is];
  return problem.is === "failed" ? failure(problem.error) : OTHERS[problem.is];
}

function failure(error: unknown): string {
  if (error instanceof ForbiddenError && (error.rule || error.isOfImpersonation)) return "RightMissing";
  return isRefusal(error) ? "Refused" : "Failed";
}

const LEFT: Readonly<Record<Reason["is"], string | undefined>> = {
  "tracked by another": "TrackedByAnother",
  "named by another": "NamedByAnother",
  unnamed: "Unnamed",
  unmarked: "Unmarked",
  "never seen": "NeverSeen",
  "never seen by policy": "NeverSeenByPolicy",
  "gone with another": "GoneWithAnother",
  kept: "Kept",
  immutable: "Immutable",
  withheld: undefined,
  warned: undefined,
  ignored: undefined,
  finished: undefined,
};

const OTHERS: Readonly<Record<Exclude<Problem["is"], "left" | "failed">, string>> = {
  "fought over": "FoughtOver",
  "held by finalizers": "HeldByFinalizers",
  undefined: "DefinitionDeleted",
  irrevocable: "Irrevocable",
  "no account": "ServiceAccountMissing",
  barred: "RightMissing",
};
