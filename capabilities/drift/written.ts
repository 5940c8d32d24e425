import { isWithin } from "../kube/managed-fields";
import type { KubeObject } from "../kube/object";
import { shared, type Judging } from "./additions";
import { isAsMade } from "./as-made";
import { renamed, type Doubt } from "./doubts";
import type { Drift } from "./drift";
import { withHeld } from "./held";
import { wasThere } from "./known";
import { mend, nameless } from "./mend";
import type { Operation, Situation } from "./operation";
import { outermost, putFrom } from "./put";
import { astray, bringingBack, withAllOthers, withOthers, type Astray } from "./right";

/** What to write to an object that differs. */
export function written(situation: Situation, judging: Judging, found: Drift): Operation {
  const { isApplicable, isAsked, isRefused, isRemovalRefused, wasRefused = false } = situation;
  const instead = isRemovalRefused
    ? madeAnew(situation, judging, found)
    : inTheWay(situation, judging, found);
  if (instead) return instead;
  // What may be the maker's own is asked about once the rest is right.
  const doubts = isAsked || isRefused ? found.doubts : openTo("apply", found);
  const drift = { ...found, doubts };
  if (!isApplicable || isRefused) return byPatch(judging, drift, isRefused);
  const applied = byApply(judging, drift, { isAsked, payload: withHeld(judging, situation.known) });
  return wasRefused && applied.do === "take over"
    ? { ...applied, first: byPatch(judging, drift, false).patch }
    : applied;
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
function byPatch(judging: Judging, drift: Drift, isWhole: boolean): Extract<Operation, { do: "patch" }> {
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

/** Values go back by an apply: of a patch of them, Helm's other entry in managedFields would keep them, and Helm 4 conflict with that. */
export function bringBack(situation: Situation, judging: Judging, anew: KubeObject): Operation | undefined {
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
