import { isRefusal, ThrottledError } from "../cluster/errors";
import { FightError } from "./fight";

/** Milliseconds: the first pause after a failure, and the longest where a human has to act. */
const FIRST = 25;
const LONGEST = 30_000;

/** The longest pause where what failed is likely to heal by itself: an outage, or a race lost. */
const LONGEST_PASSING = 2_000;

/** Some kinds of a manifest can't be locked yet, as the lock says: it has to be tried again. */
export class IncompleteError extends Error {
  override readonly name = "IncompleteError";
}

/**
 * How long to wait before something is tried again: doubled with every attempt. What the API server refuses is tried seldom, what it did
 * not answer soon after it is back.
 *
 * @param attempt counts from 1
 * @param random between 0 and 1, spreads the attempts
 * @returns milliseconds
 */
export function retryDelay(error: unknown, attempt: number, random: number): number {
  if (error instanceof FightError) return error.retryAfter;
  if (error instanceof ThrottledError) return error.retryAfter * (1 + random / 2);
  const pause = Math.min(FIRST * 2 ** (attempt - 1), needsAHuman(error) ? LONGEST : LONGEST_PASSING);
  return pause * (0.5 + random / 2);
}

/** Whether what failed will go on failing until somebody changes something. */
export function needsAHuman(error: unknown): boolean {
  return error instanceof IncompleteError || isRefusal(error);
}
