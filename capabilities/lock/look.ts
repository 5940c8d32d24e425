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
  /** What the two answers below are about. */
  about: Observed;
  /** Whether the release that the object names as its owner tracks it; undefined before that was asked. */
  rivalTracks: boolean | undefined;
  /** Whether an autoscaler may have set replicas that nobody owns; undefined before that was asked. */
  isAutoscaled: boolean | undefined;
  /** What a takeover in this look was about: once fields are Helm's, the object no longer tells. */
  takenOver: (Pick<Reverted, "fields" | "by"> & { readonly live: KubeObject }) | undefined;
}

/** What has to be tried again, since no event will tell when it can be done. */
export interface Later {
  readonly problem: Problem;
  /** Milliseconds; where absent, longer with every attempt. */
  readonly retryAfter?: number;
}

/** What one step of a look came to: whether to look again, or why to do so later. */
export type Step = "again" | "done" | Later;

/** Begins a look, of which nothing is known but what was last seen. */
export function beginLook(tracked: Tracked, held: HeldRecord, manager: string): Look {
  const unasked = { rivalTracks: undefined, isAutoscaled: undefined, takenOver: undefined };
  return { tracked, held, manager, about: tracked.observed, ...unasked };
}

/** All that there is to decide by. What was found out holds for what was observed then, and not for what may have changed since. */
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
