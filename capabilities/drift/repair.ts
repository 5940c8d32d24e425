import { isWithin, type Found } from "../kube/managed-fields";
import type { KubeObject } from "../kube/object";
import { shared, type Judging } from "./additions";
import { withAllocated } from "./allocated";
import { byApplying, renamed, type Doubt } from "./doubts";
import { driftOf, isRight, type Drift } from "./drift";
import { isKept, mayBeChanged, wasThere } from "./known";
import { adopt } from "./adopt";
import { isAsMade } from "./as-made";
import { leftIn } from "./left";
import { mend, nameless } from "./mend";
import { withHeld } from "./held";
import type { Operation, Situation } from "./operation";
import { outermost, putFrom } from "./put";
import { astray, bringingBack, rightnessOf, withAllOthers, withOthers, type Astray } from "./right";
import type { Reason } from "./reasons";
import { mayBeScaled } from "./scaling";
import { leftAt } from "./withheld";

/**
 * What a live object needs to be as desired. A local difference is not drift yet, since the server writes "1000m" as "1" and fills in
 * defaults: of an object never verified the server is asked first; afterwards only what it did not make itself is drift. The same holds
 * of what managedFields leave open.
 */
export function repair(situation: Situation, live: KubeObject): Operation {
  const { withheld = [] } = situation;
  const whole = repairOf(situation, live, []);
  if (withheld.length === 0 || whole.do === "none" || whole.do === "ask") return whole;
  const part = repairOf(situation, live, withheld);
  return part.do === "none" ? { do: "none", because: { is: "withheld" } } : part;
}

function repairOf(situation: Situation, live: KubeObject, withheld: readonly string[]): Operation {
  const { desired, manager, isAutoscaled, isRefused } = situation;
  const left = [...leftIn({ ...situation, live, isAutoscaled: isAutoscaled === true }), ...leftAt(withheld)];
  const adopted = adopt(desired, live, left, manager);
  if (isAutoscaled === undefined && mayBeScaled(adopted, live))
    return { do: "ask", about: "autoscalers", live };
  const judging = withEarlier({ desired: adopted, live, manager, left }, situation);
  const found = driftOf(judging, situation.known, isRefused);
  const isUnchanged = found.changed.length === 0 && isAsItWas(situation, judging);
  const drift = isUnchanged ? ofMarks(found) : found;
  if (isRight(drift)) {
    if (isUnchanged) return { do: "none", isAsItWas: isRight(found) };
    return withheld.length > 0 ? { do: "none" } : unlessAstray(situation, judging, drift);
  }
  const payload = isUnsure(situation, drift) ? withHeld(judging, situation.known) : undefined;
  return isToBeAsked(situation, drift, payload)
    ? { do: "probe", live, payload, doubts: [...drift.doubts, ...drift.unpruned.map(byApplying)] }
    : written(situation, judging, drift);
}

/**
 * What to do about an object that nobody is known to have changed: somebody may have changed what the server has made of it by itself, or
 * taken it away, which leaves no trace but that it is not as it was when it was right.
 */
function unlessAstray(situation: Situation, judging: Judging, { kept }: Drift): Operation {
  const { known, anew } = situation;
  const { live } = judging;
  if (known?.right !== undefined && !anew) return { do: "compare", live, payload: withOthers(judging) };
  const back = anew === undefined || anew === "refused" ? undefined : bringBack(situation, judging, anew);
  if (back) return back;
  const because = unchangeable(situation, live, kept);
  return because ? { do: "none", because } : { do: "none" };
}

/** Why an object stays as it is although somebody has changed it; undefined if it is right, for all that can be known. */
function unchangeable({ known, anew }: Situation, live: KubeObject, kept: Drift["kept"]): Reason | undefined {
  if (kept.length > 0) return { is: "kept", fields: kept };
  return anew === "refused" && mayBeChanged(known, live) ? { is: "immutable" } : undefined;
}

/** Values go back by an apply: of a patch of them, Helm's other entry in managedFields would keep them, and Helm 4 conflict with that. */
function bringBack(situation: Situation, judging: Judging, anew: KubeObject): Operation | undefined {
  const { known, isApplicable, isRefused, isBroughtBack } = situation;
  const isNews = ({ pointer, now, anew }: Astray) =>
    anew !== undefined || now === undefined || !wasThere(known, { pointer, value: now });
  const places = isBroughtBack ? [] : astray(judging, anew).filter(isNews);
  const fields = pointersOf(places);
  if (places.length === 0) return undefined;
  const isByApply = isApplicable && !isRefused && places.every(place => place.anew !== undefined);
  return isByApply
    ? { do: "apply", live: judging.live, payload: putFrom(withHeld(judging, known), anew, fields), fields }
    : { do: "patch", live: judging.live, fields, removed: [], patch: bringingBack(judging.live, places) };
}

/** With what the server had allocated, unless somebody else has that by now. */
function withEarlier(judging: Judging, { known, isRefused }: Situation): Judging {
  if (!known || known.allocated.size === 0 || isRefused) return judging;
  const isOpen = ({ pointer, value }: Found) => !isKept(known, pointer, value);
  return { ...judging, desired: withAllocated(judging, known.allocated, isOpen) };
}

function isAsItWas({ known }: Situation, judging: Judging): boolean {
  return known?.right !== undefined && known.right === rightnessOf(judging);
}

/** What is left of drift where all but metadata is as it was: somebody else has only come to own what the server has made. */
function ofMarks(drift: Drift): Drift {
  const isMark = ({ pointer }: { pointer: string }) => pointer.startsWith("/metadata/");
  const { unpruned, added, doubts } = drift;
  return {
    ...drift,
    unpruned: unpruned.filter(isMark),
    added: added.filter(isMark),
    doubts: doubts.filter(isMark),
  };
}

/** Whether nothing is drift for sure. What was added a dry run of an apply could stumble over. */
function isUnsure({ known }: Situation, { added, unpruned, changed }: Drift): boolean {
  return added.length === 0 && (known === undefined || changed.length + unpruned.length === 0);
}

/**
 * What only a removal tells has to be asked before anything is written, which may take the last trace of its author. Where an apply is
 * refused for what is live, as little is known as before, and a merge tells.
 */
function isToBeAsked(
  { isAsked, isRefused, known }: Situation,
  { doubts, ofMaker }: Drift,
  payload: KubeObject | undefined,
): boolean {
  if (isAsked || (isRefused && known !== undefined)) return false;
  const hasExtras = doubts.filter(({ by }) => by === "removal").length > ofMaker.length;
  return payload !== undefined || (hasExtras && !isRefused);
}

function written(situation: Situation, judging: Judging, found: Drift): Operation {
  const { isApplicable, isAsked, isRefused, isRemovalRefused } = situation;
  const instead = isRemovalRefused
    ? madeAnew(situation, judging, found)
    : inTheWay(situation, judging, found);
  if (instead) return instead;
  // What may be the maker's own is asked about once the rest is right.
  const doubts = isAsked || isRefused ? found.doubts : openTo("apply", found);
  const drift = { ...found, doubts };
  return isApplicable && !isRefused
    ? byApply(judging, drift, { isAsked, payload: withHeld(judging, situation.known) })
    : byPatch(judging, drift, isRefused);
}

/**
 * What to do where the server refuses to take away what was added, as it may have to be there, in what the server makes by itself: the
 * object gets what the server makes anew there. If it has that already, somebody has only come to own it.
 */
function madeAnew(situation: Situation, judging: Judging, found: Drift): Operation | undefined {
  const { known, anew } = situation;
  if (known?.right === undefined || anew === "refused") return undefined;
  if (!anew) return { do: "compare", live: judging.live, payload: withOthers(judging) };
  const places = [...found.changed, ...pointersOf([...found.unpruned, ...found.added, ...found.doubts])];
  const back = bringBack(situation, judging, anew);
  return back ?? (places.every(place => isAsMade(judging.live, anew, place)) ? { do: "none" } : undefined);
}

/** Changes go back by an apply; what was added beside them goes with it, once it is Helm's. */
function byApply(
  judging: Judging,
  drift: Drift,
  { isAsked, payload }: { isAsked: boolean; payload: KubeObject },
): Operation {
  const { live } = judging;
  const { added } = drift;
  // What nobody was asked about, an apply may bring back as well, but it is not known to be drift.
  const known = isAsked ? openTo("apply", drift) : [];
  const changed = [...drift.changed, ...pointersOf(drift.unpruned), ...pointersOf(known)];
  const removed = [...added, ...openTo("removal", drift)];
  const fields = [...changed, ...pointersOf(removed)];
  const taken = [...added, ...shared(judging)];
  // Somebody who owns what the server makes would be told of as one who has changed it.
  const additions = taken.length === 0 ? [] : [...taken, ...drift.ofMaker, ...drift.servers];
  // What nobody owns, or owns under another name, can't be given to Helm: it goes first.
  const isNamed = !renamed(judging).some(item => added.some(one => isWithin(item.pointer, one.pointer)));
  const isRemoval =
    changed.length + taken.length === added.length || removed.length > added.length || !isNamed;
  if (isRemoval) return { do: "remove", live, fields: pointersOf(removed), rest: changed, removed };
  return additions.length === 0
    ? { do: "apply", live, payload, fields }
    : { do: "take over", live, fields, additions, removed };
}

/**
 * What may be what the server refuses an apply for goes first, so that an apply can do the rest: what a patch sets, Helm's other entry in
 * managedFields would keep, and Helm 4 conflict with that. A removal leaves no entry.
 */
function inTheWay(situation: Situation, judging: Judging, drift: Drift): Operation | undefined {
  if (!situation.isApplicable || !situation.isRefused) return undefined;
  const removed = outermost([
    ...drift.unpruned,
    ...drift.added,
    ...openTo("removal", drift),
    ...nameless(judging),
  ]);
  return removed.length === 0
    ? undefined
    : { do: "remove", live: judging.live, fields: pointersOf(removed), rest: drift.changed, removed };
}

/** Field by field, for what the server takes no apply of; or, where it has refused a repair, with what is left beside what differs. */
function byPatch(judging: Judging, drift: Drift, isWhole: boolean): Operation {
  const { live } = judging;
  const desired = isWhole ? withAllOthers(judging) : judging.desired;
  const removed = [...drift.unpruned, ...drift.added, ...openTo("removal", drift)];
  const fields = [...drift.changed, ...pointersOf(openTo("apply", drift)), ...pointersOf(removed)];
  return {
    do: "patch",
    live,
    fields,
    removed,
    patch: mend(desired, live, { gone: pointersOf(removed), emptied: drift.changed, isWhole }),
  };
}

function openTo(by: Doubt["by"], { doubts }: Drift): Doubt[] {
  return doubts.filter(doubt => doubt.by === by);
}

function pointersOf(found: readonly { readonly pointer: string }[]): string[] {
  return found.map(({ pointer }) => pointer);
}
