import { pMapIterable } from "p-map";
import { NetworkError } from "../../capabilities/cluster/errors";
import type { Cluster } from "../../capabilities/cluster/k8s";
import { releaseKey, type ReleaseRef } from "../../capabilities/release/release";
import { phaseWords } from "../../capabilities/report/phase-words";
import { untrackedWords } from "../../capabilities/report/problem-words";
import { nameOf } from "../../capabilities/report/words";
import { isGone } from "../../capabilities/state/phase";
import type { Standing } from "../../capabilities/state/standing";
import type { Ruling } from "../access/locks";
import { nearest } from "../access/names";
import { findReleases, readRelease } from "../access/releases";
import { targetsOf, type Target } from "../access/targets";
import { UserError } from "../errors";
import { causeWords } from "../output/error-words";
import { Progress } from "../output/progress";
import { say } from "../output/say";
import type { Call } from "../verb";
import { readLocks } from "./read-locks";
import type { Inspection } from "./finding";
import { causeOf } from "./refusal-words";
import { Inspector, isLocked } from "./inspector";

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
  /** Whether the server is asked to take what a lock would write. @default false */
  readonly triesWrites?: boolean;
}

/** What is done with each release. */
type OnRelease = (surveyed: Surveyed) => void | Promise<void>;

/** What a survey has come to. */
export interface Outcome {
  /** How many releases were looked at. */
  readonly releases: number;
  /** How many could not be. */
  readonly unread: number;
  /** Whether something could not be looked at: what was found is not all. */
  readonly isPartial: boolean;
}

/**
 * Looks at the releases that a call names: one, those of a namespace, or all, of one cluster after the other. What can't be looked at is
 * told on the standard error.
 *
 * @param onRelease called with each as soon as it was looked at
 * @throws UserError, ApiError, NetworkError where there is nothing else to look at
 */
export async function survey(call: Call, onRelease: OnRelease, terms: Terms = {}): Promise<Outcome> {
  const targets = targetsOf({ ...call.flags, contexts: call.flags.context });
  const outcomes: Outcome[] = [];
  for (const target of targets) {
    const progress = new Progress(call.stderr);
    try {
      outcomes.push(await surveyOf(call, target, { onRelease, terms, progress }));
    } catch (error) {
      if (targets.length === 1) throw error;
      progress.clear();
      say(call, `error: ${target.context}: ${causeWords(error)}`);
      outcomes.push({ releases: 0, unread: 0, isPartial: true });
    } finally {
      progress.end();
      await target.cluster.close();
    }
  }
  return {
    releases: outcomes.reduce((sum, { releases }) => sum + releases, 0),
    unread: outcomes.reduce((sum, { unread }) => sum + unread, 0),
    isPartial: outcomes.some(({ isPartial }) => isPartial),
  };
}

async function surveyOf(
  call: Call,
  target: Target,
  { onRelease, terms, progress }: { onRelease: OnRelease; terms: Terms; progress: Progress },
): Promise<Outcome> {
  const { isMeant = isLocked, standingOf, leavesUntracked = false } = terms;
  const warn = (text: string) => {
    progress.clear();
    say(call, `warning: ${text}`);
  };
  const inspector = new Inspector(target.cluster, {
    byDryRuns: call.flags.dryRun,
    ofWrites: terms.triesWrites === true,
  });
  const locks = await readLocks(call, target, warn);
  progress.start();
  const releases = await chosen(call, target, { inspector, warn });
  progress.found(releases.length);
  const inspect = (release: ReleaseRef) => {
    const ruling = locks?.of(release);
    return inspector.inspect(release, ruling, { standing: standingOf?.(ruling), isMeant });
  };
  const outcome = { releases: 0, unread: 0, isPartial: false };
  const inspections = pMapIterable(
    releases,
    async release => ({ release, inspection: await orUnread(inspect(release), releases.length > 1) }),
    { concurrency: AT_ONCE, backpressure: AHEAD },
  );
  for await (const { release, inspection } of inspections) {
    progress.clear();
    const problems = problemsOf(inspection, { isMeant, leavesUntracked });
    for (const problem of problems) warn(`${releaseKey(release)}: ${problem}`);
    const isUnread = "error" in inspection;
    for (const words of forgottenWords(inspection)) warn(words);
    count(outcome, !isUnread && isMeant(inspection.phase), problems.length);
    const { context, cluster } = target;
    if (!isUnread) await onRelease({ context, cluster, ruling: locks?.of(release), inspection });
    progress.step();
  }
  if (inspector.isDenied) warn(ASKING_DENIED);
  return outcome;
}

/** What is gone counts for nothing. */
function count(
  outcome: { -readonly [Key in keyof Outcome]: Outcome[Key] },
  isRead: boolean,
  problems: number,
): void {
  outcome.isPartial ||= problems > 0;
  if (isRead) outcome.releases++;
  else if (problems > 0) outcome.unread++;
}

/** A release that could not be looked at. */
interface Unread {
  readonly error: unknown;
}

/** One release that can't be read hides no other one; a cluster that can't be reached does. @throws NetworkError */
async function orUnread(
  inspection: Promise<Inspection>,
  isOneOfSeveral: boolean,
): Promise<Inspection | Unread> {
  try {
    return await inspection;
  } catch (error) {
    if (!isOneOfSeveral || error instanceof NetworkError) throw error;
    return { error };
  }
}

/** What to say where the caller may not ask the server. */
export const ASKING_DENIED = "you may not ask the server by dry runs: what only it can tell is marked with ?";

/** What to say where the caller may not read what decides. */
export function forgottenWords(inspection: Inspection | Unread): string[] {
  if ("error" in inspection || inspection.forgotten === undefined) return [];
  const { release, forgotten } = inspection;
  return [
    `${releaseKey(release)}: what its lock remembers may decide here, and is not known: ${causeWords(forgotten)}`,
  ];
}

/** What of a release could not be looked at. */
function problemsOf(
  inspection: Inspection | Unread,
  { isMeant, leavesUntracked }: Required<Pick<Terms, "isMeant" | "leavesUntracked">>,
): string[] {
  if ("error" in inspection) return [causeWords(inspection.error)];
  const { phase, findings, untracked } = inspection;
  if (isGone(phase)) return [];
  if (!isMeant(phase)) return [phaseWords(phase).message];
  const failed = findings.flatMap(({ look: { tracked }, error }) =>
    error === undefined ? [] : [`${nameOf(tracked.desired)}: ${causeOf(error, tracked.desired)}`],
  );
  return [...(leavesUntracked ? [] : untracked.map(untrackedWords)), ...failed];
}

async function chosen(
  { args, flags }: Call,
  target: Target,
  { inspector, warn }: { inspector: Inspector; warn: (text: string) => void },
): Promise<ReleaseRef[]> {
  const [text] = args;
  const { allNamespaces, selector } = flags;
  const namespace = flags.namespace ?? target.namespace;
  const find = (where: string | undefined) =>
    findReleases(target.cluster, { namespace: where, selector }, inspector.revisions, error => {
      warn(`releases with other records are not known: ${causeWords(error)}`);
    });
  if (text === undefined) return find(allNamespaces ? undefined : namespace);
  const release = readRelease(text, namespace);
  const all = await find(release.namespace);
  const found = all.find(({ name }) => name === release.name);
  if (found) return [found];
  const names = all.map(({ name }) => name);
  throw new UserError(
    `there is no release ${release.name} in namespace ${release.namespace}${nearest(release.name, names)}`,
  );
}
