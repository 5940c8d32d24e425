import type { Condition, HelmRelease, HelmReleaseStatus, State } from "../../crds/helm-release";
import type { Phase } from "../lock/phase";
import type { HeldRecord, Lock } from "../lock/store";
import { few, nameOf } from "./words";

/** What a HelmRelease's status says, before it is put into Kubernetes' form. */
export interface View {
  readonly state: State;
  readonly version: number;
  readonly description: string;
  readonly notes: string;
  readonly locked: Verdict;
  /** There only where a Helm operation does not end. */
  readonly stalled?: Verdict;
  readonly ready: Verdict;
}

interface Verdict {
  readonly is: boolean;
  readonly reason: string;
  readonly message: string;
}

/** Longest notes and messages, in characters: a HelmRelease has to fit into etcd, a condition into metav1.Condition. */
const MAX_NOTES = 65_536;
const MAX_MESSAGE = 32_768;

function cut(text: string, most: number): string {
  return text.length > most ? `${text.slice(0, most - 1)}…` : text;
}

/** What there is to say of a lock; undefined before its release was read. */
export function viewOfLock(lock: Lock): View | undefined {
  const { phase, failure } = lock;
  if (!phase) return failure === undefined ? undefined : viewOfError("RecordError", failure);
  return {
    state: phase.state,
    ...detailsOf(lock.record ?? { revision: 0, description: missingDescription(phase), notes: "" }),
    ...verdictsOf(lock, phase),
    ...(lock.isStalled ? { stalled: stalledVerdict(lock) } : {}),
  };
}

function verdictsOf(lock: Lock, { stance, reason, message }: Phase): Pick<View, "locked" | "ready"> {
  const locked = { is: stance === "lock", reason, message };
  const general = locked.is ? generalProblemsOf(lock) : [];
  const problems = locked.is ? [...general, ...lock.problems, ...objectProblemsOf(lock)] : [];
  if (problems.length === 0) return { locked, ready: locked };
  // Of kinds that can't be locked, all are named: each may ask for a rule.
  const named = few(problems, Math.max(3, general.length));
  return {
    locked: { ...locked, message: "The release is locked, but for what condition Ready names." },
    ready: { is: false, reason: "Problems", message: named },
  };
}

function detailsOf({ revision, description, notes }: Pick<HeldRecord, "revision" | "description" | "notes">) {
  return { version: revision, description: cut(description, MAX_MESSAGE), notes: cut(notes, MAX_NOTES) };
}

function stalledVerdict({ since, release }: Lock): Verdict {
  const time = new Date(since).toISOString().slice(0, 19);
  const message =
    `A Helm operation has been under way since ${time}Z: if no helm is running any more, ` +
    `helm rollback ${release.name} -n ${release.namespace} (or helm uninstall) brings the release out of it.`;
  return { is: true, reason: "OperationStalled", message };
}

/** What there is to say of a HelmRelease whose spec names no release. */
export function viewOfInvalid(message: string): View {
  return viewOfError("InvalidSpec", message);
}

function viewOfError(reason: string, message: string): View {
  const verdict = { is: false, reason, message };
  return { state: "Error", version: 0, description: message, notes: "", locked: verdict, ready: verdict };
}

/** Types of the conditions that the locker writes. */
const OURS = new Set<unknown>(["Ready", "Locked", "Stalled"]);

/**
 * The status to write. Conditions of other types stay; times change only with what they are about.
 *
 * @param now RFC 3339
 */
export function statusOf(helmRelease: HelmRelease, view: View, now: string): HelmReleaseStatus {
  const known = helmRelease.status?.conditions ?? [];
  const observedGeneration = helmRelease.metadata.generation ?? 0;
  const wanted = [condition("Ready", view.ready), condition("Locked", view.locked)];
  if (view.stalled) wanted.push(condition("Stalled", view.stalled));
  const ours = wanted.map(wanted => {
    const old = known.find(({ type }) => type === wanted.type);
    const lastTransitionTime = old && old.status === wanted.status ? (old.lastTransitionTime ?? now) : now;
    return { ...wanted, lastTransitionTime, observedGeneration };
  });
  const others = known.filter(({ type }) => !OURS.has(type));
  const { state, version, description, notes } = view;
  return { state, version, description, notes, observedGeneration, conditions: [...others, ...ours] };
}

function condition(type: string, { is, reason, message }: Verdict): Condition {
  return { type, status: is ? "True" : "False", reason, message: cut(message, MAX_MESSAGE) };
}

/** What stands against the record, and against whole kinds. */
function generalProblemsOf({ failure, collections, unwatched, unwritable }: Lock): string[] {
  const ofKinds = [...collections].flatMap(
    collection => unwatched.get(collection) ?? unwritable.get(collection) ?? [],
  );
  return failure === undefined ? ofKinds : [failure, ...ofKinds];
}

function objectProblemsOf({ objects }: Lock): string[] {
  return [...objects.values()].flatMap(({ desired, problem }) =>
    problem === undefined ? [] : `${nameOf(desired)}: ${problem}`,
  );
}

/** The original's words for a release without a record. Source: rancher/helm-locker pkg/controllers/release/controller.go. */
function missingDescription({ state, message }: Phase): string {
  return state === "SecretNotFound" ? "Could not find Helm Release Secret" : message;
}
