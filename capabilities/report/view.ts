import type { State } from "../../crds/helm-release";
import type { HistoryStatus } from "../../crds/history";
import { perObject } from "../kube/per-object";
import { toSeconds } from "../kube/time";
import { idleIn } from "../policy/exemption";
import type { HeldRecord, Lock } from "../state/lock";
import type { Phase } from "../state/phase";
import type { Problem } from "../state/problems";
import { isLookedThrough, isShown } from "../state/shown";
import { looksForDrift, modeOf, type Mode } from "../state/standing";
import type { Store } from "../state/store";
import { COMMON } from "../state/watched";
import type { ReasonOf, Verdict, Words } from "./conditions";
import { admissionVerdict } from "./admission-words";
import { driftViewOf, NO_DRIFT, type DriftView } from "./drift-view";
import { historyStatus } from "./history";
import { modeWords } from "./mode-words";
import { idleWords } from "./idle-words";
import { phaseWords } from "./phase-words";
import {
  accountProblemWords,
  problemWords,
  unreadWords,
  untrackedWords,
  unwatchedWords,
  unwritableWords,
} from "./problem-words";
import { few, nameOf } from "./words";

/** What a HelmRelease's status says, before it takes Kubernetes' form. */
export interface View {
  readonly state: State;
  /** What the lock does about drift. */
  readonly mode: Mode;
  readonly version: number;
  readonly description: string;
  readonly notes: string;
  /** How many fields stand because known controllers may write them, or the policy says so; undefined until every object was looked at. */
  readonly ignored: number | undefined;
  /** How many fields of the manifest somebody but Helm owns; undefined until every object was looked at. */
  readonly foreignOwners: number | undefined;
  /** What differs and stands; undefined until every object was looked at. */
  readonly drift: DriftView | undefined;
  /** What others have changed; undefined where the release could not be read. */
  readonly history: HistoryStatus | undefined;
  readonly locked: Verdict<"Locked">;
  /** Present only if the lock is suspended. */
  readonly suspended?: Verdict<"Suspended">;
  /** Present only if a Helm operation does not end. */
  readonly stalled?: Verdict<"Stalled">;
  readonly ready: Verdict<"Ready">;
  /** Present only if somebody changes objects again as often as that is reverted. */
  readonly foughtOver?: Verdict<"FoughtOver">;
  /** Present only if the API server is to judge changes by hand, or does. */
  readonly admission?: Verdict<"Admission"> | undefined;
}

/** What a view needs to know about kinds. */
export type KnownOfKinds = Pick<Store, "watching" | "isSettled">;

/** What the status should say about a lock; undefined until its release was read, and its objects were seen. */
export function viewOfLock(lock: Lock, store: KnownOfKinds): View | undefined {
  const { phase, failure } = lock;
  if (!phase)
    return failure && { ...viewOfError("RecordError", unreadWords(failure.error)), mode: modeOf(lock) };
  if (!isShown(lock, store)) return undefined;
  return {
    state: phase.state,
    mode: modeOf(lock),
    ...detailsOf(lock.record ?? { revision: 0, description: missingDescription(phase), notes: "" }),
    ignored: countIn(lock, "ignored"),
    foreignOwners: countIn(lock, "foreign"),
    drift: driftViewOf(lock),
    history: historyStatus(lock.history.entries, lock.policy),
    ...verdictsOf(lock, phase, store),
    ...(lock.isSuspended
      ? { suspended: { ...modeWords("suspended", lock), is: true, reason: "Suspended" } as const }
      : {}),
    ...(lock.isStalled ? { stalled: stalledVerdict(lock) } : {}),
    ...foughtOverVerdict(lock, phase),
    admission: admissionVerdict(lock),
  };
}

function verdictsOf(lock: Lock, phase: Phase, store: KnownOfKinds): Pick<View, "locked" | "ready"> {
  const mode = modeOf(lock);
  if (mode === "suspended" || mode === "disabled") return atRest(modeWords(mode, lock));
  const locked = { is: phase.stance === "lock", ...phaseWords(phase) };
  if (!locked.is) return { locked, ready: locked };
  const general = generalProblemsOf(lock, store);
  const unseen = [...general, ...lock.untracked.map(untrackedWords)];
  if (mode === "warn") return warning(lock, [...unseen, ...objectProblemsOf(lock, "failed")], general.length);
  const problems = [...unseen, ...objectProblemsOf(lock)];
  if (problems.length === 0) return { locked, ready: withIdle(locked, lock) };
  // Names every kind that can't be locked: each may need its own rule.
  const named = few(problems, Math.max(3, general.length));
  return {
    locked: { ...locked, message: "The release is locked, but for what condition Ready names." },
    ready: { is: false, reason: "Problems", message: named },
  };
}

/** Names rules that are about nothing, which stands against nothing. */
function withIdle<V extends Words<string>>(verdict: V, { policy, objects }: Lock): V {
  const idle = idleOf(policy.ignore)(objects);
  return idle.length === 0 ? verdict : { ...verdict, message: `${verdict.message} ${idleWords(idle)}` };
}

/** Worked out once for each manifest and policy. */
const idleOf = perObject((rules: Lock["policy"]["ignore"]) =>
  perObject((objects: Lock["objects"]) =>
    idleIn(
      rules,
      [...objects.values()].map(({ desired }) => desired),
    ),
  ),
);

/** A lock that does nothing does what its spec says. */
function atRest(words: Words<ReasonOf<"Locked">>): Pick<View, "locked" | "ready"> {
  return { locked: { is: false, ...words }, ready: { is: true, ...words } };
}

/** Where something can't be looked at, nobody is warned of it. @param most how many problems are named, at least */
function warning(lock: Lock, problems: readonly string[], most: number): Pick<View, "locked" | "ready"> {
  const { locked, ready } = atRest(modeWords("warn", lock));
  if (problems.length === 0) return { locked, ready: withIdle(ready, lock) };
  return { locked, ready: { is: false, reason: "Problems", message: few(problems, Math.max(3, most)) } };
}

function detailsOf({ revision, description, notes }: Pick<HeldRecord, "revision" | "description" | "notes">) {
  return { version: revision, description, notes };
}

function countIn(lock: Lock, what: "ignored" | "foreign"): number | undefined {
  if (!isLookedThrough(lock)) return undefined;
  return [...lock.objects.values()].reduce((sum, { [what]: count = 0 }) => sum + count, 0);
}

function stalledVerdict({ since, release }: Lock): Verdict<"Stalled"> {
  const message =
    `A Helm operation has been under way since ${toSeconds(since)}: if no helm is running any more, ` +
    `helm rollback ${release.name} -n ${release.namespace} (or helm uninstall) brings the release out of it.`;
  return { is: true, reason: "OperationStalled", message };
}

function foughtOverVerdict(lock: Lock, { stance }: Phase): Pick<View, "foughtOver"> {
  const isReverted = stance === "lock" && looksForDrift(modeOf(lock));
  const fought = isReverted ? objectProblemsOf(lock, "fought over") : [];
  if (fought.length === 0) return {};
  return { foughtOver: { is: true, reason: "ChangedAgain", message: few(fought) } };
}

/** What the status says where there is nothing to say of a release. */
export function viewOfError(reason: "InvalidSpec" | "RecordError", message: string): View {
  const verdict = { is: false, reason, message };
  return {
    state: "Error",
    mode: "disabled",
    version: 0,
    description: message,
    notes: "",
    ignored: 0,
    foreignOwners: 0,
    drift: NO_DRIFT,
    history: undefined,
    locked: verdict,
    ready: verdict,
  };
}

/** Problems with the record, and with whole kinds. */
function generalProblemsOf(
  { failure, collections, unwritable, accountProblem, policy }: Lock,
  store: KnownOfKinds,
): string[] {
  const ofKinds = [...COMMON.keys(), ...collections].flatMap(collection => {
    const watching = store.watching(collection);
    if (watching?.is === "failed")
      return unwatchedWords(watching.watched, watching.error, policy.serviceAccount !== undefined);
    const lacking = unwritable.get(collection);
    return lacking ? unwritableWords(lacking) : [];
  });
  const ofRelease = failure ? [unreadWords(failure.error)] : [];
  const ofAccount = accountProblem ? [accountProblemWords(accountProblem)] : [];
  return [...ofRelease, ...ofAccount, ...ofKinds];
}

function objectProblemsOf({ objects }: Lock, only?: Problem["is"]): string[] {
  return [...objects.values()].flatMap(tracked => {
    if (only !== undefined && tracked.problem?.is !== only) return [];
    const words = problemWords(tracked.problem, tracked);
    return words === undefined ? [] : `${nameOf(tracked.desired)}: ${words}`;
  });
}

/** The original's words for a release without a record. Source: rancher/helm-locker pkg/controllers/release/controller.go. */
function missingDescription(phase: Phase): string {
  return phase.cause.is === "missing" ? "Could not find Helm Release Secret" : phaseWords(phase).message;
}
