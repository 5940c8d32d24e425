import { isDeepStrictEqual } from "node:util";
import { mayTakeOver } from "../drift/claims";
import { isFinished } from "../drift/creation";
import type { Known } from "../drift/known";
import type { KubeObject } from "../kube/object";
import { isOlder, stateOf } from "../kube/version";
import { fieldManagerVote } from "../release/field-manager";
import { hasHelmLabel, isOwnedBy } from "../release/ownership";
import type { ReleaseRef } from "../release/release";
import type { Remembered, Tracked } from "./lock";
import type { Problem, StandingDrift } from "./problems";

/** The same type, writable for this file only. */
type Writable = { -readonly [Key in keyof Tracked]: Tracked[Key] };

/** What of a memory counts for an object that has not been seen. */
export function lastKnown(
  remembered: Remembered | undefined,
): Pick<Tracked, "seenAs" | "isFinished" | "rivalsUnder" | "told"> {
  const { seenAs, isFinished, rivalsUnder, told } = remembered ?? {};
  return { seenAs, isFinished: isFinished === true ? true : undefined, rivalsUnder, told };
}

/** Notes what was remembered of an object that has not been seen. */
export function remind(tracked: Writable, remembered: Remembered): void {
  if (tracked.seenAs !== undefined || tracked.isFinished !== undefined) return;
  const { seenAs, isFinished, rivalsUnder, told } = lastKnown(remembered);
  tracked.told ??= told;
  tracked.seenAs = seenAs;
  tracked.isFinished = isFinished;
  tracked.rivalsUnder = rivalsUnder;
  tracked.wasSeen ||= seenAs === tracked.content;
  tracked.observed = { as: "unknown" };
}

/**
 * Notes a state of a tracked object.
 *
 * @returns whether it is news: not older than the known state, and not already known to be right, as the echo of a
 * write is
 */
export function see(tracked: Writable, object: KubeObject): boolean {
  const { resourceVersion } = stateOf(object);
  const known = tracked.resourceVersion;
  if (known !== undefined && isOlder(resourceVersion, known)) return false;
  if (known === resourceVersion && tracked.observed.as === "right") return false;
  const before = factsOf(tracked);
  tracked.resourceVersion = resourceVersion;
  tracked.whereabouts = hasHelmLabel(object) ? "labelled" : "unlabelled";
  if (isOwnedBy(object, tracked.lock.release) && !holderBeside(tracked, object)) have(tracked, object);
  tracked.isFinished = isFinished(object);
  tracked.wasSeenToGo = false;
  if (!isDeepStrictEqual(factsOf(tracked), before)) tracked.lock.changes.note();
  tracked.observed = { as: "live", at: performance.now(), object };
  return true;
}

function have(tracked: Writable, object: KubeObject): void {
  // Whoever has it name another release is not Helm.
  tracked.vote ??= fieldManagerVote(object, tracked.lock.record?.writers);
  for (const other of tracked.sharing) if (other !== tracked) giveUp(other);
  tracked.seenAs = tracked.content;
  tracked.wasSeen = true;
  tracked.rivalsUnder = undefined;
}

function giveUp(tracked: Writable): void {
  if (!tracked.wasSeen) return;
  tracked.wasSeen = false;
  tracked.seenAs = undefined;
  tracked.lock.changes.note();
}

/**
 * The release of another lock that has an object, and need not give it up for the name that it bears.
 *
 * @param live the object; undefined where there is none
 */
export function holderBeside(
  { lock, sharing, wasSeen }: Tracked,
  live: KubeObject | undefined,
): ReleaseRef | undefined {
  const holder = wasSeen ? undefined : sharing.find(other => other.lock !== lock && other.wasSeen);
  if (!holder) return undefined;
  const claimant = { release: lock.release, isVouched: lock.allowsCreate };
  return live && mayTakeOver(live, claimant, holder.lock.release) ? undefined : holder.lock.release;
}

/** Notes all that track the same object. */
export function share(tracked: Writable, sharing: readonly Tracked[]): void {
  tracked.sharing = sharing;
}

/** What there is to remember of an object. */
export function factsOf({ seenAs, isFinished, rivalsUnder, told }: Tracked): Remembered {
  return { seenAs, isFinished: isFinished === true, rivalsUnder, told };
}

/**
 * Notes that an object is not there. If its deletion was not seen, nobody knows whether it had run to its end by then.
 *
 * @param how a watch has shown its deletion, with its last state; or it is not in a list; or it was read by name
 */
export function miss(tracked: Writable, how: "deleted" | "not listed" | "not found"): void {
  tracked.whereabouts = "gone";
  tracked.observed = { as: "absent", at: performance.now(), wasRead: how === "not found" };
  tracked.wasSeenToGo ||= how === "deleted";
  if (!tracked.wasSeenToGo && tracked.isFinished === false) tracked.isFinished = undefined;
}

/** Notes that the last seen state of an object is worthless: it must be read. */
export function doubt(tracked: Writable): void {
  tracked.observed = { as: "unknown" };
}

/** Notes that an object may be judged otherwise than when it was looked at last: it must be looked at again. */
export function reopen(tracked: Writable): void {
  doubt(tracked);
  if (tracked.looked === "since") tracked.looked = "before";
}

/** Notes that an object was looked at, whatever came of it. */
export function lookedAt(tracked: Writable): void {
  tracked.looked = "since";
}

/** Notes that the history of the cluster has been set back: any state may be news, also one with a lower resourceVersion. */
export function setBack(tracked: Writable): void {
  tracked.resourceVersion = undefined;
  tracked.observed = { as: "unknown" };
}

/** Notes that an object was looked at, and is either right or left as it is. */
export function settle(tracked: Writable): void {
  tracked.observed = { as: "right" };
}

/** Notes what the server makes of the desired object by itself. */
export function verified(tracked: Writable, known: Known): void {
  tracked.known = known;
}

/** Notes that the server does not accept the object by server-side apply. */
export function refuseApply(tracked: Writable): void {
  tracked.isApplicable = false;
}

/** Notes which other release has an object, or may have it; undefined if none does. */
export function contest(tracked: Writable, rival: ReleaseRef | undefined): void {
  tracked.rival = rival;
}

/** Notes how many fields of an object stand because a known controller may write them, or because the policy says so. */
export function ignore(tracked: Writable, count: number): void {
  tracked.ignored = count;
}

/** Notes how many desired fields of an object somebody but Helm owns. */
export function ownedByOthers(tracked: Writable, count: number): void {
  tracked.foreign = count;
}

/** Notes that an object was left to another release. @param record the uid of this release's record */
export function leave(tracked: Writable, record: string): void {
  if (tracked.rivalsUnder === record) return;
  tracked.rivalsUnder = record;
  tracked.lock.changes.note();
}

/** Notes how an object differs, where that stands; undefined if it does not. */
export function differ(tracked: Writable, drift: StandingDrift | undefined): void {
  tracked.drift = drift;
}

/** Notes what users were told of how it differs; undefined if that is over, or nothing that is only told of. */
export function tell(tracked: Writable, told: string | undefined): void {
  if (tracked.told === told) return;
  tracked.told = told;
  tracked.lock.changes.noteTold();
}

/** Notes what users were told of how it differs by another locker: it must be looked at again. */
export function retell(tracked: Writable, told: string | undefined): void {
  tracked.told = told;
  tracked.drift = undefined;
  reopen(tracked);
}

/** Notes an object's problem; undefined if it has none. */
export function trouble(tracked: Writable, problem: Problem | undefined): void {
  tracked.problem = problem;
}
