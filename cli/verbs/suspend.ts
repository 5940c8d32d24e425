import pMap from "p-map";
import type { HelmRelease } from "../../crds/helm-release";
import { isObject, type JsonObject } from "../../capabilities/kube/object";
import { toSeconds } from "../../capabilities/kube/time";
import type { Policy } from "../../capabilities/policy/policy";
import { PolicyError } from "../../capabilities/policy/policy-error";
import { releaseKey, type ReleaseRef } from "../../capabilities/release/release";
import { parsePolicy } from "../../capabilities/state/claim";
import { isSuspendedAt } from "../../capabilities/state/standing";
import { conditionOf, isFollowed, isJudged } from "../access/conditions";
import { readDuration } from "../access/durations";
import { untilLocks, type Place } from "../access/follower";
import { helmReleasesIn, Locks } from "../access/locks";
import { change, retried } from "../access/writes";
import { UserError } from "../errors";
import { causeWords } from "../output/error-words";
import { say } from "../output/say";
import { harmless } from "../output/values";
import type { Flags } from "../read-flags";
import type { Call } from "../verb";
import { onSite, releaseOfCall, resourceOf, rulingOf, tellOthers } from "./governed";

/** How many HelmReleases are written at the same time. */
const AT_ONCE = 4;

/** How many milliseconds the locker has for its answer. */
const PATIENCE = 5_000;

/** How long a suspension lasts where nothing else is said. */
const DEFAULT = "1h";

/** Without a locker, the API server goes on as it was told. */
const WAY_OUT =
  "To end what the API server refuses, for every release: kubectl delete validatingadmissionpolicybindings --selector helmreleases.cattle.io/admission=Deny";

/** What is done to each HelmRelease. */
interface Pause {
  readonly spec: JsonObject;
  /** What became of it: "suspended until ...". */
  readonly words: string;
  readonly isSuspension: boolean;
}

/** Suspends a lock, or all. @returns 1 if something was not suspended, or no locker has answered */
export async function suspend(call: Call): Promise<number> {
  const { forever, reason, for: duration } = call.flags;
  if (forever && duration !== undefined) throw new UserError("--for and --forever exclude each other");
  const until = forever ? null : toSeconds(Date.now() + durationOf(duration));
  const spec = { suspend: true, suspendUntil: until, suspendReason: reason ?? null };
  check(spec);
  return pause(call, {
    spec,
    words: until === null ? "suspended until it is resumed" : `suspended until ${until}`,
    isSuspension: true,
  });
}

/** Ends the suspension of a lock, or of all. @returns 1 if something was not resumed, or no locker has answered */
export async function resume(call: Call): Promise<number> {
  const spec = { suspend: null, suspendUntil: null, suspendReason: null };
  return pause(call, { spec, words: "resumed", isSuspension: false });
}

function durationOf(text = DEFAULT): number {
  const milliseconds = readDuration("--for", text);
  if (milliseconds < 1_000) throw new UserError("--for is at least 1s");
  return milliseconds;
}

/** @throws UserError if the API server or the locker would refuse it */
function check(spec: JsonObject): void {
  try {
    parsePolicy(Object.fromEntries(Object.entries(spec).filter(([, value]) => value !== null)));
  } catch (error) {
    if (!(error instanceof PolicyError)) throw error;
    throw new UserError(error.message.replace("spec.suspendReason", "--reason"), { cause: error });
  }
}

async function pause(call: Call, what: Pause): Promise<number> {
  const { args, flags, stderr } = call;
  if ((args.length === 0) !== flags.all)
    throw new UserError(
      flags.all ? "name a release or give --all, not both" : "name a release, or give --all",
    );
  return onSite(call, async (place, namespace) => {
    const locks = new Locks(await helmReleasesIn(place.cluster, place.namespace));
    const releases = flags.all ? chosen(locks, flags, what) : [releaseOfCall(call, namespace)];
    if (releases.length === 0)
      stderr.write(`No HelmRelease ${what.isSuspension ? "locks a release" : "is suspended"}.\n`);
    const written = await pMap(
      releases,
      async release => {
        try {
          return await pauseOne(call, { place, locks, release }, what);
        } catch (error) {
          if (!flags.all) throw error;
          say(call, `error: ${releaseKey(release)}: ${causeWords(error)}`);
          return undefined;
        }
      },
      { concurrency: AT_ONCE },
    );
    await requireFollowed(
      place,
      written.flatMap(now => now ?? []),
      what,
    );
    return written.includes(undefined) ? 1 : 0;
  });
}

/** The releases of --all: those of a namespace, where one is named. */
function chosen(locks: Locks, { namespace }: Flags, { isSuspension }: Pause): ReleaseRef[] {
  return locks.releases.filter(release => {
    const governor = locks.of(release)?.governor;
    const isMeant = namespace === undefined || release.namespace === namespace;
    return isMeant && governor?.isInEffect && (isSuspension || isSuspended(governor.helmRelease));
  });
}

function isSuspended(helmRelease: HelmRelease | undefined): boolean {
  return isObject(helmRelease?.spec) && helmRelease.spec.suspend === true;
}

/** Whether somebody has suspended it for longer: what is done to all ends nothing of theirs. */
function lastsLonger(policy: Policy, { suspendUntil }: JsonObject): boolean {
  if (!policy.suspension || !isSuspendedAt(policy, Date.now())) return false;
  const { until = Infinity } = policy.suspension;
  return until > (typeof suspendUntil === "string" ? Date.parse(suspendUntil) : Infinity);
}

/** The reason of a suspension that still holds stays, unless another one is given. */
function specFor(policy: Policy, { spec, isSuspension }: Pause): JsonObject {
  const { suspendReason, ...rest } = spec;
  const keepsReason = isSuspension && suspendReason === null && isSuspendedAt(policy, Date.now());
  return keepsReason ? rest : spec;
}

interface One {
  readonly place: Place;
  readonly locks: Locks;
  readonly release: ReleaseRef;
}

/** @returns the HelmRelease as it is now, if it was written */
async function pauseOne(call: Call, { place, locks, release }: One, what: Pause): Promise<HelmRelease[]> {
  let seen: Locks | undefined = locks;
  return retried(async () => {
    const ruling = rulingOf(
      seen ?? new Locks(await helmReleasesIn(place.cluster, place.namespace)),
      release,
      call,
    );
    seen = undefined;
    const { helmRelease, standing } = ruling.governor;
    const idle = what.isSuspension
      ? call.flags.all && lastsLonger(standing.policy, what.spec) && "stays suspended for longer"
      : !isSuspended(helmRelease) && "is not suspended";
    const now = idle ? [] : [await change(place, helmRelease, specFor(standing.policy, what))];
    call.stdout.write(`${harmless(resourceOf(helmRelease))} ${idle || what.words}\n`);
    tellOthers(call, release, ruling);
    return now;
  });
}

/** Waits until the locker has followed. @throws UserError if it does not */
async function requireFollowed(place: Place, written: readonly HelmRelease[], what: Pause): Promise<void> {
  let waiting: readonly HelmRelease[] = written;
  const isOver = (locks: Locks) => {
    waiting = written.flatMap(before => {
      const now = locks.helmReleases.get(before.metadata.name);
      return now && now.metadata.uid === before.metadata.uid && !isAnswered(before, now, what) ? [now] : [];
    });
    return waiting.length === 0 ? true : undefined;
  };
  if (written.length === 0 || (await untilLocks(place, PATIENCE, isOver))) return;
  throw new UserError(unansweredWords(waiting, what));
}

function isAnswered({ metadata: { generation = 0 } }: HelmRelease, now: HelmRelease, what: Pause): boolean {
  const { status } = now;
  if ((status?.observedGeneration ?? -1) < generation) return false;
  return what.isSuspension ? status?.mode === "suspended" && !isJudged(now) : status?.mode !== "suspended";
}

function unansweredWords(waiting: readonly HelmRelease[], { isSuspension }: Pause): string {
  const names = waiting.map(({ metadata }) => metadata.name).join(", ");
  const wayOut = isSuspension && waiting.some(isJudged) ? ` ${WAY_OUT}` : "";
  const [told] = waiting
    .filter(isFollowed)
    .flatMap(one => conditionOf(one, isJudged(one) ? "Admission" : "Ready") ?? []);
  if (told)
    return `HelmRelease ${names} is not ${isSuspension ? "suspended" : "resumed"}: ${told.message ?? ""}${wayOut}`;
  const stop = isSuspension
    ? " If one hangs, stop it: kubectl scale deployment helm-locker --namespace helm-locker --replicas 0"
    : "";
  return `no locker has followed HelmRelease ${names} within ${PATIENCE / 1000} s. Is one running? kubectl get deployments --all-namespaces | grep helm-locker.${stop}${wayOut}`;
}
