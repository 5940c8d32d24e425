import { isRefusal, ThrottledError } from "../cluster/errors";

/** Milliseconds: the first pause after a failure, and the longest where somebody has to act. */
const FIRST = 25;
const LONGEST = 30_000;

/** The longest pause where what failed is likely to heal by itself: an outage, or a race lost. */
const LONGEST_PASSING = 2_000;

/**
 * How long to wait before something is tried again: doubled with every attempt. What the API server refuses is tried seldom, what it did
 * not answer soon after it is back.
 *
 * @param attempt counts from 1
 * @param random between 0 and 1, spreads the attempts
 * @returns milliseconds
 */
export function retryDelay(error: unknown, attempt: number, random = Math.random()): number {
  if (error instanceof ThrottledError) return error.retryAfter * (1 + random / 2);
  return isRefusal(error) ? untilSomebodyActs(attempt, random) : untilItPasses(attempt, random);
}

/** Whether what failed is likely to heal by itself. */
export function isPassing(error: unknown): boolean {
  return !isRefusal(error);
}

/** How long to wait for what only somebody can change; parameters and result as those of `retryDelay`. */
export function untilSomebodyActs(attempt: number, random = Math.random()): number {
  return backOff(attempt, LONGEST, random);
}

/** How long to wait for what is likely to heal by itself; parameters and result as those of `retryDelay`. */
export function untilItPasses(attempt: number, random = Math.random()): number {
  return backOff(attempt, LONGEST_PASSING, random);
}

function backOff(attempt: number, longest: number, random: number): number {
  return Math.min(FIRST * 2 ** (attempt - 1), longest) * (0.5 + random / 2);
}
