import type { Judging } from "../drift/additions";
import type { WriteConfig } from "../cluster/write-config";
import { adopt } from "../drift/adopt";
import { driftedIn, type Drifted } from "../drift/drifted";
import { learnAllocated, learnRight, learnUnchanged, type Known } from "../drift/known";
import { leftIn } from "../drift/left";
import { leftAt } from "../drift/withheld";
import { UNANSWERED, type Observed, type Operation, type Removed, type Situation } from "../drift/operation";
import type { Account } from "../kube/account";
import type { KubeObject } from "../kube/object";
import { stateOf } from "../kube/version";
import { exemptionOf } from "../policy/exemption";
import type { Policy } from "../policy/policy";
import { ownerOf } from "../release/ownership";
import type { ReleaseRef } from "../release/release";
import type { HeldRecord, Tracked } from "../state/lock";
import type { Reverted } from "../state/news";
import type { Problem } from "../state/problems";
import { accountOf } from "../state/standing";
import { holderBeside } from "../state/tracked";
import type { Result } from "../work/controller";
import { untilItPasses } from "../work/retry";
import type { Trial } from "./trial";

/** One look at an object, from the first decision to the last write. */
export interface Look {
  readonly tracked: Tracked;
  /** The field manager that Helm writes as. */
  readonly manager: string;
  /** The ServiceAccount that it writes as, once that is known to exist; undefined: the locker itself. */
  account: Account | undefined;
  /** The record that the desired object comes from. */
  readonly held: HeldRecord;
  /** The policy that the object is judged by: once another one holds, nothing is written any more. */
  readonly policy: Policy;
  /** Counts looks from 1; starts over once there was nothing left to do. */
  readonly attempt: number;
  /** Whether a HelmRelease allows a release what its record alone does not. */
  readonly isVouched: (release: ReleaseRef) => boolean;
  /** What was decided last. */
  operation: Operation;
  /** What the answers below are about. */
  about: Observed;
  /** Whether the release that the object names as its owner tracks it; undefined until asked. */
  rivalTracks: boolean | undefined;
  /** Whether an autoscaler has set the replicas; undefined before that was asked. */
  isAutoscaled: boolean | undefined;
  /** Whether the server was asked what it makes of the object. */
  isAsked: boolean;
  /** What the server makes of the desired object anew; undefined before it was asked. */
  anew: KubeObject | "refused" | undefined;
  /** Whether the server has refused the repair. */
  isRefused: boolean;
  /** Whether it has then refused to take away what may be in the way of the repair. */
  isRemovalRefused: boolean;
  /** The resourceVersion that it got when what the server makes of it anew was brought back in this look. */
  broughtBack: string | undefined;
  /** Places that are not to be repaired for now, as the server has refused that: JSON pointers. */
  withheld: readonly string[];
  /** Whether what was refused in an earlier look is tried again. */
  isRetry: boolean;
  /** The search for what can be put right, while it is under way. */
  trial: Trial | undefined;
  /** How many groups of places were tried by themselves in this look. */
  tries: number;
  /** What the server has refused last. */
  refusal: unknown;
  /** What a takeover in this look was about: once fields are Helm's, the object no longer tells. */
  takenOver: TakenOver | undefined;
}

/** What was given to Helm's entry in managedFields, for an apply to prune. */
interface TakenOver extends Pick<Reverted, "fields" | "by"> {
  /** When what it was about was seen. */
  readonly at: number;
  readonly live: KubeObject;
  readonly removed: readonly Removed[];
}

/** Work to try again, because no event will show when it can be done. */
export interface Later {
  /** Undefined while it is too early to speak of one. */
  readonly problem: Problem | undefined;
  /** Milliseconds; if absent, longer with every attempt. */
  readonly retryAfter?: number;
  /** After how many milliseconds news of the object ends the wait; undefined if it does not. */
  readonly newsAfter?: number | undefined;
}

/** When to try it. @param attempt counts from 1 */
export function resultOf({ retryAfter, newsAfter }: Later, attempt: number): Result {
  return { retryAfter: retryAfter ?? untilItPasses(attempt), newsAfter };
}

/** The result of one step of a look: look again, stop, or look again later for a reason. */
export type Step = "again" | "done" | Later;

/** Begins a look that knows only what was last seen. */
export function beginLook({
  tracked,
  held,
  manager,
  attempt,
  isVouched,
}: Pick<Look, "tracked" | "held" | "manager" | "attempt" | "isVouched">): Look {
  return {
    tracked,
    held,
    policy: tracked.lock.policy,
    manager,
    attempt,
    isVouched,
    withheld: [],
    account: accountOf(tracked.lock),
    isRetry: false,
    trial: undefined,
    tries: 0,
    refusal: undefined,
    operation: { do: "observe" },
    about: tracked.observed,
    broughtBack: undefined,
    takenOver: undefined,
    ...UNANSWERED,
  };
}

/** Everything that a decision needs. Answers hold only for the state that was observed when they were asked for. */
export function situationOf(look: Look): Situation {
  const { tracked, manager, held } = look;
  if (look.about !== tracked.observed) {
    Object.assign(look, { ...UNANSWERED, about: tracked.observed });
  }
  const { release, allowsCreate, isUnnamed } = tracked.lock;
  const live = tracked.observed.as === "live" ? tracked.observed.object : undefined;
  const rival = ownerOf(live);
  const { rivalTracks, isAutoscaled, isAsked, anew, isRefused, isRemovalRefused } = look;
  return {
    ...tracked,
    release,
    allowsCreate,
    isUnnamed,
    wasRivals: tracked.rivalsUnder === held.uid,
    manager,
    rivalTracks,
    isRivalVouched: rival !== undefined && look.isVouched(rival),
    holder: holderBeside(tracked, live),
    isAutoscaled,
    isAsked,
    anew,
    isBroughtBack: live !== undefined && stateOf(live).resourceVersion === look.broughtBack,
    isRefused,
    isRemovalRefused,
    withheld: look.withheld,
    ...termsOf(look),
  };
}

/** performance.now() when what the last decision was about was seen. */
export function seenAt({ about }: Look): number {
  return "at" in about ? about.at : performance.now();
}

/** How whatever is written, or asked by a dry run, in a look is sent: in Helm's name, with the rights of the lock's ServiceAccount. */
export function writingOf({ manager, account }: Look): WriteConfig {
  return { fieldManager: manager, as: account };
}

/** What the policy says of the object of a look. */
function termsOf({ tracked, policy }: Look) {
  const { knowsControllers, keepsAdditions, ignore } = policy;
  const { left, isWhole } = exemptionOf(ignore, tracked.desired);
  return { knowsControllers, keepsAdditions, rules: left, isIgnored: isWhole };
}

/** How an object is judged: as it is in a reply, with what is left to others adopted from it. */
export function judgingOf(look: Look, live: KubeObject): Judging {
  const { tracked, manager, isAutoscaled, withheld } = look;
  const { desired } = tracked;
  const others = leftIn({ desired, live, manager, isAutoscaled: isAutoscaled === true, ...termsOf(look) });
  const left = [...others, ...leftAt(withheld)];
  return { desired: adopt(desired, live, left, manager), live, manager, left };
}

/** How the object differs by what was decided last; undefined where that says it of nothing. */
export function driftedBy({ tracked, operation, manager, withheld, takenOver }: Look): Drifted | undefined {
  const live = tracked.observed.as === "live" ? tracked.observed.object : undefined;
  const drifted = driftedIn(operation, { live, manager, withheld });
  // Once fields are Helm's, the object no longer tells whose they were.
  return drifted && takenOver ? { ...drifted, by: takenOver.by } : drifted;
}

/** What is learned of an object that is right. @param isAsItWas whether it was found right before */
export function learnedIn(look: Look, object: KubeObject, isAsItWas: boolean): Known {
  const { known } = look.tracked;
  if (isAsItWas) return learnUnchanged(known, object);
  const judging = judgingOf(look, object);
  return learnRight(learnAllocated(known, judging), judging);
}
