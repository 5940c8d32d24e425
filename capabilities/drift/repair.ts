import type { Found } from "../kube/managed-fields";
import type { KubeObject } from "../kube/object";
import type { Judging } from "./additions";
import { withAllocated } from "./allocated";
import { byApplying } from "./doubts";
import { driftOf, isRight, type Drift } from "./drift";
import { isKept, mayBeChanged } from "./known";
import { adopt } from "./adopt";
import { leftIn } from "./left";
import { withHeld } from "./held";
import type { Operation, Situation } from "./operation";
import { rightnessOf, withOthers } from "./right";
import type { Reason } from "./reasons";
import { mayBeScaled } from "./scaling";
import { leftAt } from "./withheld";
import { bringBack, written } from "./written";

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
