import type { Request } from "./controller";
import type { Turn } from "./turns";

/** A request in the queue. */
export interface Entry extends Turn {
  request: Request;
  /** A running request may be wanted again: after its back-off if it fails, or without one. */
  state: "waiting" | "running" | "again" | "again at once" | "delayed";
  attempts: number;
  /** Whether the last run failed for a reason that is likely to heal by itself. */
  isStruck: boolean;
  timer?: NodeJS.Timeout | undefined;
  /** performance.now() from which news ends the wait; undefined if it does not. */
  openFrom: number | undefined;
}

const FRESH = { state: "waiting", attempts: 0, isStruck: false, isSlow: false, openFrom: undefined } as const;

/** A request that is new in the queue. */
export function newEntry(request: Request): Entry {
  return { ...FRESH, request };
}

/** What tells requests apart. */
export function keyOf({ controller, group, name }: Request): string {
  return `${controller} ${group} ${name}`;
}
