import pMap, { pMapIterable } from "p-map";
import { ForbiddenError } from "../../capabilities/cluster/errors";
import type { Cluster } from "../../capabilities/cluster/k8s";
import type { KubeObject } from "../../capabilities/kube/object";
import { releaseKey, type ReleaseRef } from "../../capabilities/release/release";
import { phaseWords } from "../../capabilities/report/phase-words";
import { untrackedWords } from "../../capabilities/report/problem-words";
import { errorWords, nameOf } from "../../capabilities/report/words";
import { isGone } from "../../capabilities/state/phase";
import type { Standing } from "../../capabilities/state/standing";
import { Locks, locksIn, type Ruling } from "../access/locks";
import { nearest } from "../access/names";
import { findReleases, readRelease } from "../access/releases";
import { targetsOf, type Target } from "../access/targets";
import { UserError } from "../errors";
import { causeWords } from "../output/error-words";
import { Progress } from "../output/progress";
import { harmless } from "../output/values";
import type { Call } from "../verb";
import { Inspector, isLocked, type Inspection } from "./inspector";

/** How many releases are looked at at the same time. */
const AT_ONCE = 4;

/** How many of them may be done before the first: they are told in order. */
const AHEAD = 16;

/** A release that was looked at, and on which cluster. */
export interface Surveyed {
  readonly context: string;
  readonly cluster: Cluster;
  /** Which HelmReleases lock it, as far as that is known. */
  readonly ruling: Ruling | undefined;
  readonly inspection: Inspection;
}

/** How a survey is other than that of drift. */
export interface Terms {
  /** In which phases a release is looked at. @default where a lock looks for drift */
  readonly isMeant?: typeof isLocked;
  /** How a release is locked, or would be. @default as its HelmRelease says */
  readonly standingOf?: (ruling: Ruling | undefined) => Standing | undefined;
  /** Whether what can't be tracked is for the caller to tell. @default false */
  readonly leavesUntracked?: boolean;
}

/** What is done with each release. */
type OnRelease = (surveyed: Surveyed) => void | Promise<void>;

/** What a survey has come to. */
export interface Outcome {
  /** How many releases were looked at. */
  readonly releases: number;
  /** Whether something could not be looked at: what was found is not all. */
  readonly isPartial: boolean;
}

/**
 * Looks at the releases that a call names: one, those of a namespace, or all; what can't be looked at is told on the standard error.
 *
 * @param onRelease called with each as soon as it was looked at
 * @throws UserError, ApiError, NetworkError
 */
export async function survey(call: Call, onRelease: OnRelease, terms: Terms = {}): Promise<Outcome> {
  const outcomes = await pMap(targetsOf({ ...call.flags, contexts: call.flags.context }), async target => {
    try {
      return await surveyOf(call, target, { onRelease, terms });
    } finally {
      await target.cluster.close();
    }
  });
  return {
    releases: outcomes.reduce((sum, { releases }) => sum + releases, 0),
    isPartial: outcomes.some(({ isPartial }) => isPartial),
  };
}

async function surveyOf(
  call: Call,
  target: Target,
  { onRelease, terms }: { onRelease: OnRelease; terms: Terms },
): Promise<Outcome> {
  const { isMeant = isLocked, standingOf = asLocked, leavesUntracked = false } = terms;
  const { flags, stderr } = call;
  const warn = (text: string) => stderr.write(`warning: ${harmless(text)}\n`);
  const inspector = new Inspector(target.cluster, flags.dryRun);
  const locks = flags.policy ? await readLocks(call, target, warn) : new Locks();
  const releases = await chosen(call, target, inspector);
  const progress = new Progress(releases.length, stderr);
  let isPartial = false;
  const inspections = pMapIterable(
    releases,
    release => inspector.inspect(release, standingOf(locks.of(release)), isMeant),
    { concurrency: AT_ONCE, backpressure: AHEAD },
  );
  for await (const inspection of inspections) {
    progress.step();
    const problems = problemsOf(leavesUntracked ? { ...inspection, untracked: [] } : inspection, isMeant);
    isPartial ||= problems.length > 0;
    for (const problem of problems) warn(`${releaseKey(inspection.release)}: ${problem}`);
    const { context, cluster } = target;
    await onRelease({ context, cluster, ruling: locks.of(inspection.release), inspection });
  }
  progress.end();
  if (isAskingDenied(call, inspector)) warn(ASKING_DENIED);
  return { releases: releases.length, isPartial };
}

/** What to say where the caller may not ask the server. */
export const ASKING_DENIED = "you may not ask the server by dry runs: what only it can tell is marked with ?";

/** Whether the server has refused a dry run for want of a right. */
export function isAskingDenied({ flags }: Call, { mayAsk }: Inspector): boolean {
  return flags.dryRun && !mayAsk;
}

function asLocked(ruling: Ruling | undefined): Standing | undefined {
  return ruling?.governor.standing;
}

/** What of a release could not be looked at. */
function problemsOf({ phase, findings, untracked }: Inspection, isMeant: typeof isLocked): string[] {
  if (isGone(phase)) return [];
  if (!isMeant(phase)) return [phaseWords(phase).message];
  const failed = findings.flatMap(({ look: { tracked }, error }) =>
    error === undefined ? [] : [`${nameOf(tracked.desired)}: ${causeOf(error, tracked.desired)}`],
  );
  return [...untracked.map(untrackedWords), ...failed];
}

/** What the API server says of a Secret may quote its values. */
export function causeOf(error: unknown, object: KubeObject): string {
  return object.kind === "Secret" ? errorWords(error, object) : causeWords(error);
}

/** The locks of a cluster; without a right to see them, none. */
export async function readLocks(
  call: Call,
  { cluster }: Target,
  warn: (text: string) => void,
): Promise<Locks> {
  try {
    return await locksIn(cluster, call.flags.registrationNamespace);
  } catch (error) {
    if (!(error instanceof ForbiddenError)) throw error;
    warn(`what HelmReleases ignore is not known: ${causeWords(error)}`);
    return new Locks();
  }
}

async function chosen(call: Call, target: Target, inspector: Inspector): Promise<ReleaseRef[]> {
  const { args, flags } = call;
  const [text] = args;
  const { allNamespaces, selector } = flags;
  const namespace = flags.namespace ?? target.namespace;
  if (text === undefined)
    return findReleases(
      target.cluster,
      { namespace: allNamespaces ? undefined : namespace, selector },
      inspector.revisions,
    );
  const release = readRelease(text, namespace);
  const all = await findReleases(
    target.cluster,
    { namespace: release.namespace, selector },
    inspector.revisions,
  );
  const found = all.find(({ name }) => name === release.name);
  if (found) return [found];
  const names = all.map(({ name }) => name);
  throw new UserError(
    `there is no release ${release.name} in namespace ${release.namespace}${nearest(release.name, names)}`,
  );
}
