import type { Kind } from "../kube/kinds";
import type { Rank } from "../standby/rank";
import type { Lock, Tracked } from "../state/lock";
import { looksForDrift, modeOf } from "../state/standing";
import type { Queue } from "../work/queue";
import { blockedBy } from "./blocked";
import { METRICS } from "./metrics-table";

/** What of a lock is shown. */
interface Shown
  extends Pick<
    Lock,
    | "release"
    | "helmReleases"
    | "failure"
    | "policy"
    | "isSuspended"
    | "isStalled"
    | "unwritable"
    | "accountProblem"
  > {
  readonly phase: Pick<NonNullable<Lock["phase"]>, "state" | "stance"> | undefined;
  readonly objects: ReadonlyMap<string, Pick<Tracked, "kind" | "ignored" | "foreign" | "drift" | "problem">>;
}

/** Where the gauges are read from, whenever the metrics are. */
export interface Gauged {
  /** Every release that a HelmRelease names. */
  readonly locks: () => Iterable<Shown>;
  /** Names of HelmReleases that can't be followed and lock nothing. */
  readonly invalid: () => Iterable<string>;
  /** Whether every HelmRelease of a lock is ready; undefined where that is not known. */
  readonly isReady: (lock: Pick<Lock, "helmReleases">) => boolean | undefined;
  /** The kind of each watch, and whether that sees what happens. */
  readonly watched: () => Iterable<{ readonly kind: Pick<Kind, "group" | "kind">; readonly sees: boolean }>;
  readonly queue: Pick<Queue, "size" | "due">;
  readonly rank: Pick<Rank, "isFirst" | "place">;
}

/** What a gauge shows under some labels; what it shows under the same adds up. */
type Sample = [labels: Readonly<Record<string, string>>, value: number];

type Gauge = readonly [metric: (typeof METRICS)[keyof typeof METRICS], samples: () => Iterable<Sample>];

/** Every gauge that is computed from what is known. */
export function gaugesOf({ locks, invalid, isReady, watched, queue, rank }: Gauged): Gauge[] {
  const each = (samples: (lock: Shown, labels: ReturnType<typeof labelsOf>) => Iterable<Sample>) =>
    function* (): Iterable<Sample> {
      if (rank.isFirst) for (const lock of locks()) yield* samples(lock, labelsOf(lock));
    };
  const one = (valueIn: (lock: Shown) => number) => each((lock, labels) => [[labels, valueIn(lock)]]);
  const foreign = one(({ objects }) => sum(objects, ({ foreign = 0 }) => foreign));
  return [
    [METRICS.releases, each(({ phase }) => (phase ? [[{ state: phase.state }, 1]] : []))],
    [METRICS.info, each((lock, labels) => infoOf(lock, labels, isReady(lock)))],
    [
      METRICS.invalid,
      () => (rank.isFirst ? [...invalid()].map((name): Sample => [{ helm_release: name }, 1]) : []),
    ],
    [METRICS.drifted, one(({ objects }) => sum(objects, ({ drift }) => (drift ? 1 : 0)))],
    [METRICS.blocked, each(blockedIn)],
    [METRICS.fights, one(fightsIn)],
    [METRICS.ignored, one(({ objects }) => sum(objects, ({ ignored = 0 }) => ignored))],
    [METRICS.foreign, foreign],
    [METRICS.formerForeign, foreign],
    [METRICS.suspended, each(suspensionOf)],
    [METRICS.stalled, one(({ isStalled }) => (isStalled ? 1 : 0))],
    [METRICS.rights, one(({ unwritable, accountProblem }) => unwritable.size + (accountProblem ? 1 : 0))],
    [METRICS.watches, () => watchesOf(watched())],
    [METRICS.rank, () => [[{}, rank.place]]],
    [METRICS.length, () => [[{}, queue.size]]],
    [METRICS.due, () => [[{}, queue.due]]],
  ];
}

/** How metrics name a release. */
export function labelsOf({ release: { namespace, name } }: Pick<Lock, "release">) {
  return { release_namespace: namespace, release: name };
}

function sum(objects: Shown["objects"], count: (tracked: ObjectOf<Shown["objects"]>) => number): number {
  return [...objects.values()].reduce((total, tracked) => total + count(tracked), 0);
}

type ObjectOf<Objects> = Objects extends ReadonlyMap<string, infer Of> ? Of : never;

function infoOf(lock: Shown, labels: Sample[0], isReady: boolean | undefined): Sample[] {
  const state = lock.phase?.state ?? (lock.failure && "Error");
  if (state === undefined) return [];
  return [[{ ...labels, state, mode: modeOf(lock), ready: String(isReady ?? "unknown") }, 1]];
}

/** Whether what stands against objects still counts. */
function isReverting(lock: Shown): boolean {
  return lock.phase?.stance === "lock" && looksForDrift(modeOf(lock));
}

function blockedIn(lock: Shown, labels: Sample[0]): Sample[] {
  if (!isReverting(lock)) return [];
  return [...lock.objects.values()].flatMap(({ problem }): Sample[] => {
    const reason = blockedBy(problem);
    return reason === undefined ? [] : [[{ ...labels, reason }, 1]];
  });
}

function fightsIn(lock: Shown): number {
  return isReverting(lock) ? sum(lock.objects, ({ problem }) => (problem?.is === "fought over" ? 1 : 0)) : 0;
}

function suspensionOf({ isSuspended, policy }: Shown, labels: Sample[0]): Sample[] {
  return isSuspended ? [[labels, (policy.suspension?.until ?? Infinity) / 1000]] : [];
}

/** A kind that has several watches counts as seen where all of them see. */
function watchesOf(watched: ReturnType<Gauged["watched"]>): Sample[] {
  const up = new Map<string, Sample>();
  for (const {
    kind: { group, kind },
    sees,
  } of watched) {
    const name = `${group}/${kind}`;
    up.set(name, [{ group, kind }, Math.min(sees ? 1 : 0, up.get(name)?.[1] ?? 1)]);
  }
  return [...up.values()];
}
