import type { Changes } from "../state/changes";
import { identityOf, type MemorySpec } from "../state/packed-memory";

/** Least time between two writes of one memory, in milliseconds. */
export const INTERVAL = 1_000;

/** The longest pause before a write for nothing but what was told, in milliseconds: it doubles with each one. */
const LONGEST = 30_000;

/** What the API server holds beside a HelmRelease, as far as this process knows. */
export interface Stored {
  /** Stands for all of it. */
  readonly identity: string | undefined;
  /** How many changes of the lock it holds; undefined before it was compared with what is known. */
  readonly changes: number | undefined;
  /** The same for what was told. */
  readonly told: number;
  /** Whether another locker may have written it since it was read. */
  readonly isOutdated: boolean;
  /** performance.now() when it was last compared with what is known. */
  readonly at: number;
  /** How long what was told waits from then on, where nothing else has changed. */
  readonly pause: number;
}

/** What was read, and is to be compared with what is known. */
export function asRead(identity: string | undefined, { told }: Changes): Stored {
  return { identity, changes: undefined, told, isOutdated: false, at: -Infinity, pause: INTERVAL };
}

/** What is compared now: what is told alone waits longer each time, unless it was rare. */
export function compared(stored: Stored, { count }: Changes): Stored {
  const at = performance.now();
  const longer = stored.changes === count ? Math.min(2 * stored.pause, LONGEST) : stored.pause;
  return { ...stored, at, pause: at - stored.at > 2 * LONGEST ? INTERVAL : longer };
}

/** Whether a memory is as it is stored. Where there is nothing to remember, no memory says as much. */
export function isStored(spec: MemorySpec, { identity }: Stored): boolean {
  const { record, policy, objects } = spec;
  return identity === undefined
    ? record === undefined && policy === undefined && objects === ""
    : identity === identityOf(spec);
}

/**
 * After how many milliseconds a memory is to be written; undefined where it holds everything.
 *
 * @param isAwaited whether a status waits for it
 */
export function dueIn(stored: Stored | undefined, changes: Changes, isAwaited: boolean): number | undefined {
  if (!stored) return 0;
  const passed = performance.now() - stored.at;
  if (isAwaited || stored.changes !== changes.count) return Math.max(0, INTERVAL - passed);
  return stored.told === changes.told ? undefined : Math.max(0, stored.pause - passed);
}
