import type { Observed, Situation } from "../drift/decide";
import type { KubeObject } from "../kube/object";
import type { HeldRecord, Tracked } from "../state/lock";
import type { Reverted } from "../state/news";
import type { Problem } from "../state/problems";

/** One look at an object, from the first decision to the last write. */
export interface Look {
  readonly tracked: Tracked;
  /** The field manager that Helm writes as. */
  readonly manager: string;
  /** The record that the desired object comes from. */
  readonly held: HeldRecord;
  /** The state that the two answers below are about. */
  about: Observed;
  /** Whether the release that the object names as its owner tracks it; undefined until asked. */
  rivalTracks: boolean | undefined;
  /** Whether an autoscaler may have set replicas that nobody owns; undefined until asked. */
  isAutoscaled: boolean | undefined;
  /** What a takeover in this look was about: once Helm owns the fields, the object no longer shows it. */
  takenOver: (Pick<Reverted, "fields" | "by"> & { readonly live: KubeObject }) | undefined;
}

/** Work to try again, because no event will show when it can be done. */
export interface Later {
  readonly problem: Problem;
  /** Milliseconds; if absent, longer with every attempt. */
  readonly retryAfter?: number;
}

/** The result of one step of a look: look again, stop, or look again later for a reason. */
export type Step = "again" | "done" | Later;

/** Begins a look that knows only what was last seen. */
export function beginLook(tracked: Tracked, held: HeldRecord, manager: string): Look {
  const unasked = { rivalTracks: undefined, isAutoscaled: undefined, takenOver: undefined };
  return { tracked, held, manager, about: tracked.observed, ...unasked };
}

/** Everything that a decision needs. Answers hold only for the state that was observed when they were asked for. */
export function situationOf(look: Look): Situation {
  const { tracked, manager } = look;
  if (look.about !== tracked.observed) {
    look.about = tracked.observed;
    look.rivalTracks = undefined;
    look.isAutoscaled = undefined;
  }
  const { release, allowsCreate } = tracked.lock;
  const { rivalTracks, isAutoscaled } = look;
  return { ...tracked, release, allowsCreate, manager, rivalTracks, isAutoscaled };
}
