import type { State } from "../../crds/helm-release";
import { perObject } from "../kube/per-object";
import { toSeconds } from "../kube/time";
import { idleIn } from "../policy/exemption";
import type { HeldRecord, Lock } from "../state/lock";
import type { Phase } from "../state/phase";
import type { Problem } from "../state/problems";
import { modeOf, type Mode } from "../state/standing";
import type { Store } from "../state/store";
import { COMMON } from "../state/watched";
import { modeWords } from "./mode-words";
import { idleWords } from "./idle-words";
import { phaseWords } from "./phase-words";
import { problemWords, unreadWords, untrackedWords, unwatchedWords, unwritableWords } from "./problem-words";
import { cut, few, nameOf } from "./words";

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
  readonly locked: Verdict;
  /** Present only if the lock is suspended. */
  readonly suspended?: Verdict;
  /** Present only if a Helm operation does not end. */
  readonly stalled?: Verdict;
  readonly ready: Verdict;
  /** Present only if somebody changes objects again as often as that is reverted. */
  readonly foughtOver?: Verdict;
}

/** What a condition says. */
export interface Verdict {
  readonly is: boolean;
  readonly reason: string;
  readonly message: string;
}

/** Longest notes and messages, in characters: a HelmRelease has to fit into etcd, and a condition into metav1.Condition. */
const MAX_NOTES = 65_536;
export const MAX_MESSAGE = 32_768;

/** What a view needs to know about kinds. */
export type KnownOfKinds = Pick<Store, "watching" | "isSettled">;

/** What the status should say about a lock; undefined until its release was read, and its objects were seen. */
export function viewOfLock(lock: Lock, store: KnownOfKinds): View | undefined {
  const { phase, failure } = lock;
  if (!phase) return failure && viewOfError("RecordError", unreadWords(failure.error));
  if (phase.stance === "lock" && !isSeen(lock, store)) return undefined;
  return {
    state: phase.state,
    mode: modeOf(lock),
    ...detailsOf(lock.record ?? { revision: 0, description: missingDescription(phase), notes: "" }),
    ignored: ignoredIn(lock),
    ...verdictsOf(lock, phase, store),
    ...(lock.isSuspended ? { suspended: { is: true, ...modeWords("suspended", lock) } } : {}),
    ...(lock.isStalled ? { stalled: stalledVerdict(lock) } : {}),
    ...foughtOverVerdict(lock, phase),
  };
}

/** Before it has seen an object, the locker does not know a deletion from an object that never was. */
function isSeen(lock: Lock, store: KnownOfKinds): boolean {
  if (["suspended", "disabled"].includes(modeOf(lock))) return true;
  if (!store.isSettled(lock)) return false;
  return [...lock.objects.values()].every(
    ({ observed, ignored, problem }) =>
      observed.as !== "unknown" || ignored !== undefined || problem !== undefined,
  );
}

function verdictsOf(lock: Lock, phase: Phase, store: KnownOfKinds): Pick<View, "locked" | "ready"> {
  const mode = modeOf(lock);
  if (mode === "suspended" || mode === "disabled") return atRest(modeWords(mode, lock));
  const locked = { is: phase.stance === "lock", ...phaseWords(phase) };
  if (!locked.is) return { locked, ready: locked };
  const general = generalProblemsOf(lock, store);
  if (mode === "warn") return warning(lock, modeWords(mode, lock), general);
  const problems = [...general, ...lock.untracked.map(untrackedWords), ...objectProblemsOf(lock)];
  if (problems.length === 0) return { locked, ready: withIdle(locked, lock) };
  // Names every kind that can't be locked: each may need its own rule.
  const named = few(problems, Math.max(3, general.length));
  return {
    locked: { ...locked, message: "The release is locked, but for what condition Ready names." },
    ready: { is: false, reason: "Problems", message: named },
  };
}

/** Names rules that are about nothing, which stands against nothing. */
function withIdle(verdict: Verdict, { policy, objects }: Lock): Verdict {
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
function atRest(words: Omit<Verdict, "is">): Pick<View, "locked" | "ready"> {
  return { locked: { is: false, ...words }, ready: { is: true, ...words } };
}

function warning(
  lock: Lock,
  words: Omit<Verdict, "is">,
  problems: readonly string[],
): Pick<View, "locked" | "ready"> {
  const { locked, ready } = atRest(words);
  if (problems.length === 0) return { locked, ready: withIdle(ready, lock) };
  return { locked, ready: { is: false, reason: "Problems", message: few(problems, problems.length) } };
}

function detailsOf({ revision, description, notes }: Pick<HeldRecord, "revision" | "description" | "notes">) {
  return { version: revision, description: cut(description, MAX_MESSAGE), notes: cut(notes, MAX_NOTES) };
}

/** What could not be looked at has a problem, and is told by that. */
function ignoredIn({ objects }: Lock): number | undefined {
  const all = [...objects.values()];
  const isOpen = all.some(({ ignored, problem }) => ignored === undefined && problem === undefined);
  return isOpen ? undefined : all.reduce((sum, { ignored = 0 }) => sum + ignored, 0);
}

function stalledVerdict({ since, release }: Lock): Verdict {
  const message =
    `A Helm operation has been under way since ${toSeconds(since)}: if no helm is running any more, ` +
    `helm rollback ${release.name} -n ${release.namespace} (or helm uninstall) brings the release out of it.`;
  return { is: true, reason: "OperationStalled", message };
}

function foughtOverVerdict(lock: Lock, { stance }: Phase): Pick<View, "foughtOver"> {
  const fought = stance === "lock" ? objectProblemsOf(lock, "fought over") : [];
  if (fought.length === 0) return {};
  return { foughtOver: { is: true, reason: "ChangedAgain", message: few(fought) } };
}

/** What the status says where there is nothing to say of a release. */
export function viewOfError(reason: string, message: string): View {
  const verdict = { is: false, reason, message };
  return {
    state: "Error",
    mode: "disabled",
    version: 0,
    description: message,
    notes: "",
    ignored: 0,
    locked: verdict,
    ready: verdict,
  };
}

/** Problems with the record, and with whole kinds. */
function generalProblemsOf({ failure, collections, unwritable }: Lock, store: KnownOfKinds): string[] {
  const ofKinds = [...COMMON, ...collections].flatMap(collection => {
    const watching = store.watching(collection);
    if (watching?.is === "failed") return unwatchedWords(watching.watched, watching.error);
    const lacking = unwritable.get(collection);
    return lacking ? unwritableWords(lacking) : [];
  });
  return failure ? [unreadWords(failure.error), ...ofKinds] : ofKinds;
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
