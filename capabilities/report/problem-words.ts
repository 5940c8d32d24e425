import { ruleToLock } from "../cluster/rights";
import type { Reason } from "../drift/reasons";
import type { Account } from "../kube/account";
import { refOf } from "../kube/kinds";
import { recordable } from "../policy/policy";
import { releaseKey, type ReleaseRef } from "../release/release";
import { ALLOW_CREATE_ANNOTATION } from "../state/claim";
import type { Lock, Tracked } from "../state/lock";
import type { AccountProblem, Problem, Untracked, Unwritable } from "../state/problems";
import type { Watched } from "../state/watched";
import { accountWords, barredWords, errorWords, few, withAdvice } from "./words";

/** An object with a problem, as far as the words need it. */
type About = Pick<Tracked, "kind" | "desired"> & { readonly lock?: Pick<Lock, "policy"> };

/** The request that an error names at its end, or before its advice. */
const REQUEST = / \((GET|POST|PATCH|DELETE) [^)]*\)(?=$|\. To allow it)/;

const ALLOW = `annotate the HelmRelease with ${ALLOW_CREATE_ANNOTATION}=true`;

const ADOPTION = `as it reaches beyond the release's namespace, the record alone does not make it this release's: let helm upgrade stamp it, or ${ALLOW}`;

/** Why an object is not as its release wants it; undefined if users need not know. */
export function problemWords(problem: Problem | undefined, about: About): string | undefined {
  if (!problem || !("account" in problem)) return ordinaryWords(problem, about);
  return problem.is === "irrevocable"
    ? irrevocableWords(problem.account, about)
    : accountProblemWords(problem);
}

function ordinaryWords(
  problem: Exclude<Problem, { account: Account }> | undefined,
  { kind, desired, lock }: About,
): string | undefined {
  switch (problem?.is) {
    case undefined:
      return undefined;
    case "failed":
      return errorWords(problem.error, desired, kind, lock?.policy.serviceAccount !== undefined);
    case "fought over":
      return `${problem.by.join(", ") || "somebody"} changes it again whenever that is reverted, which is done less often now`;
    case "held by finalizers":
      return "it is being deleted, and finalizers hold it: until it is gone, nothing is restored";
    case "undefined":
      return `the definition of ${kind.kind} is being deleted`;
    case "left":
      return reasonWords(problem.because, lock);
  }
}

/** Why nothing can be written as a lock's ServiceAccount. */
export function accountProblemWords({ is, account }: AccountProblem): string {
  return is === "barred"
    ? barredWords(account)
    : `${accountWords(account)}, which writes in the locker's place, does not exist: nothing is written until it does`;
}

function irrevocableWords(account: Account, { kind, desired }: About): string {
  const problem = `it is missing, and is not made anew, as neither ${accountWords(account)} nor the locker could take it back if Helm moved on meanwhile`;
  return withAdvice(problem, {
    rule: ruleToLock(kind, true),
    to: account,
    namespace: refOf(desired).namespace,
  });
}

function reasonWords(reason: Reason, lock: About["lock"]): string | undefined {
  if ("rival" in reason) return rivalWords(reason);
  if (reason.is === "kept") {
    const places = lock ? recordable(reason.fields, lock.policy) : reason.fields;
    const where = places.length > 0 ? `: ${few(places)}` : "";
    return `Kubernetes keeps what somebody has changed, and what it was before is not known${where}`;
  }
  return PLAIN[reason.is];
}

/** What there is to say of reasons that name nothing; undefined if users need not know. */
const PLAIN: Readonly<Record<Exclude<Reason["is"], Naming["is"]>, string | undefined>> = {
  finished: undefined,
  ignored: undefined,
  withheld: undefined,
  warned: undefined,
  immutable:
    "somebody has changed it where managedFields do not show it, and Kubernetes refuses to put that back",
  unnamed: `it names no release; ${ADOPTION}`,
  unmarked: "it has no mark of Helm: the next helm upgrade of the release stamps it, and it is locked then",
  "gone with another": `it is missing, and was another release's before, which may have uninstalled it: run helm upgrade or rollback to create it, or ${ALLOW}`,
  "never seen":
    "it is missing and was never seen since it is locked, and it reaches beyond the release's namespace: " +
    `run helm upgrade or rollback to create it, or ${ALLOW}`,
  "never seen by policy":
    "it is missing and was never seen since the release is locked, by a policy without serviceAccountName: " +
    `run helm upgrade or rollback to create it, or ${ALLOW}`,
};

type Naming = Extract<Reason, { rival: ReleaseRef } | { fields: readonly string[] }>;

function rivalWords({ is, rival }: Extract<Reason, { rival: ReleaseRef }>): string {
  const release = releaseKey(rival);
  return is === "tracked by another"
    ? `it belongs to release ${release}, which tracks it, too`
    : `it names release ${release}; ${ADOPTION}`;
}

/** Why something of a manifest can't be tracked. */
export function untrackedWords(untracked: Untracked): string {
  if (untracked.is === "unread") {
    const { document, source, reason } = untracked.problem;
    return `document ${document} of the manifest${source === undefined ? "" : ` (${source})`}: ${reason}`;
  }
  const { apiVersion, kind, name } = untracked.object;
  switch (untracked.is) {
    case "nowhere":
      return `${kind} ${name}: ${untracked.reason}`;
    case "not served":
      return `${kind} ${name}: kind ${kind} of ${apiVersion} is not served`;
    case "not looked up":
      return `${kind} ${name}: kind ${kind} of ${apiVersion} can't be looked up: ${errorWords(untracked.error)}`;
  }
}

/** Why something can't be watched. @param isShared whether the locker only reads, and a ServiceAccount writes */
export function unwatchedWords(watched: Watched, error: unknown, isShared = false): string {
  return `${watchedWords(watched)}: ${causeWords(watched, error, isShared)}`;
}

/** What a watch follows. */
export function watchedWords({ kind: { kind }, role }: Watched): string {
  return role === "release record" ? `release records in ${kind}s` : kind;
}

/** The same reason for whatever can't be watched, whichever request has failed. */
export function causeWords({ kind, role }: Watched, error: unknown, isShared = false): string {
  const words = errorWords(error, undefined, role === "tracked" ? kind : undefined, isShared);
  return words.replace(REQUEST, "");
}

/** Says that objects of a kind can be read but not restored, because a right is missing; with their namespaces, if the kind has any. */
export function unwritableWords({ kind, account, namespaces }: Unwritable): string {
  const named = namespaces.filter(namespace => namespace !== undefined);
  const namespace = named.length === 0 ? undefined : few(named);
  const where = namespace === undefined ? "" : ` in namespace ${namespace}`;
  const who = account ? accountWords(account) : "the locker";
  return withAdvice(`${kind.kind}: ${who} may not write any${where}`, {
    rule: ruleToLock(kind, account !== undefined),
    to: account,
    namespace: account && namespace,
  });
}

/** Why the newest record of a release can't be used. */
export function unreadWords(error: unknown): string {
  return `its newest record can't be read: ${errorWords(error)}`;
}
