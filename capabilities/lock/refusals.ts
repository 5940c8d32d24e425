import { ForbiddenError, InvalidError, SchemaError } from "../cluster/errors";
import { isWrite, type Operation } from "../drift/operation";
import { doubt, refuseApply } from "../state/tracked";
import { retryDelay } from "../work/retry";
import type { Later, Look } from "./look";

/** After how many milliseconds another change of an object is looked at while something of it is refused. */
const NEWS_AFTER = 250;

/** What may be refused beside the repair of a place: to make the object anew, and whatever is done to it. */
const CREATION = "creation";
const EVERYTHING = "everything";

interface Refused {
  /** JSON pointers, or one of the above. */
  readonly places: readonly string[];
  readonly error: unknown;
  readonly attempts: number;
  /** When it is tried again, in milliseconds. */
  readonly due: number;
}

/** Knows what of an object the API server refuses to put right, so that the rest can be put right meanwhile. */
export class Refusals {
  readonly #refused = new WeakMap<object, Refused>();

  /** Notes what is refused beside what is known to be. @param now milliseconds, of any clock that only goes forward */
  note(tracked: object, places: readonly string[], error: unknown, now: number): void {
    const known = this.#refused.get(tracked);
    const held = this.#held(tracked, now);
    const before = held?.places ?? known?.places.filter(isPlace) ?? [];
    const all = [...new Set([...before, ...places])];
    if (held) this.#refused.set(tracked, { ...held, places: all, error });
    else this.noteAgain(tracked, all, error, now);
  }

  /** Replaces what is known to be refused of an object, which waits for longer than the last time. */
  noteAgain(tracked: object, places: readonly string[], error: unknown, now: number): void {
    const attempts = this.attemptsAt(tracked) + 1;
    this.#refused.set(tracked, { places, error, attempts, due: now + retryDelay(error, attempts) });
  }

  /** Notes that creating an object is refused. */
  noteCreation(tracked: object, error: unknown, now: number): void {
    this.note(tracked, [CREATION], error, now);
  }

  /** Notes that everything about an object is refused, even to ask. */
  noteAll(tracked: object, error: unknown, now: number): void {
    this.note(tracked, [EVERYTHING], error, now);
  }

  /** Ends the wait: what was refused may be accepted now. */
  endWait(tracked: object): void {
    const known = this.#refused.get(tracked);
    if (known) this.#refused.set(tracked, { ...known, due: 0 });
  }

  /** Notes that an object is right. */
  forget(tracked: object): void {
    this.#refused.delete(tracked);
  }

  /** How often an object was refused in a row. */
  attemptsAt(tracked: object): number {
    return this.#refused.get(tracked)?.attempts ?? 0;
  }

  /** The places of an object that were refused. */
  places(tracked: object): readonly string[] {
    return this.#refused.get(tracked)?.places.filter(isPlace) ?? [];
  }

  /** Whether what was refused may be tried again. */
  isDue(tracked: object, now: number): boolean {
    return this.#held(tracked, now) === undefined;
  }

  /** When to look again, if an operation is not to be carried out now. */
  holdOff(tracked: object, operation: Operation, now: number): Later | undefined {
    const held = this.#held(tracked, now);
    const isHeld = held?.places.includes(operation.do === "create" ? CREATION : EVERYTHING) === true;
    const isDone = isWrite(operation) || operation.do === "probe" || operation.do === "compare";
    return isHeld && isDone ? this.later(tracked, now) : undefined;
  }

  /** When to look again at an object of which something is refused. */
  later(tracked: object, now: number): Later | undefined {
    const held = this.#refused.get(tracked);
    if (!held) return undefined;
    const retryAfter = Math.max(NEWS_AFTER, held.due - now);
    return { problem: { is: "failed", error: held.error }, retryAfter, newsAfter: NEWS_AFTER };
  }

  #held(tracked: object, now: number): Refused | undefined {
    const known = this.#refused.get(tracked);
    return known && now < known.due ? known : undefined;
  }
}

function isPlace(place: string): boolean {
  return place.startsWith("/");
}

/** Whether the API server refuses what is in an object, for good or by admission, and not the locker. */
export function isOfContent(error: unknown): boolean {
  return error instanceof InvalidError || (error instanceof ForbiddenError && error.rule === undefined);
}

/** What an apply refuses for good is written field by field; where it is the drift that it refuses, that goes first. */
export function isOvercome(look: Look, error: unknown): boolean {
  const { tracked } = look;
  if (look.isRefused) return false;
  if (error instanceof InvalidError) {
    // Before anything is known of the object, nothing tells what the server has made of it by itself.
    look.isRefused = tracked.known !== undefined && !look.isAsked;
    return look.isRefused;
  }
  if (!(error instanceof SchemaError) || !tracked.isApplicable) return false;
  if (!error.isOfLive) refuseApply(tracked);
  else if (tracked.observed.as === "absent") doubt(tracked);
  else look.isRefused = true;
  return true;
}
