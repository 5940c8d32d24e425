import { isRefusal, ThrottledError } from "../cluster/errors";

/** Milliseconds: the first pause after a failure, and the longest pause if somebody has to act. */
const FIRST = 25;
const LONGEST = 30_000;

/** The longest pause if a failure is likely to heal by itself: an outage, or a lost race. */
const LONGEST_PASSING = 2_000;

/**
 * How long to wait before a retry; the time doubles with every attempt. Refused requests are retried rarely; requests
 * without an answer are retried soon after the API server is back.
 *
 * @param attempt counts from 1
 * @param random between 0 and 1, spreads the attempts
 * @returns milliseconds
 */
export function retryDelay(error: unknown, attempt: number, random = Math.random()): number {
  if (error instanceof ThrottledError) return error.retryAfter * (1 + random / 2);
  return isRefusal(error) ? untilSomebodyActs(attempt, random) : untilItPasses(attempt, random);
}

/** Whether a failure is likely to heal by itself. */
export function isPassing(error: unknown): boolean {
  return !isRefusal(error);
}

/** How long to wait for something that only somebody can change; parameters and result as for `retryDelay`. */
export function untilSomebodyActs(attempt: number, random = Math.random()): number {
  return backOff(attempt, LONGEST, random);
}

/** How long to wait for something that is likely to heal by itself; parameters and result as for `retryDelay`. */
export function untilItPasses(attempt: number, random = Math.random()): number {
  return backOff(attempt, LONGEST_PASSING, random);
}

function backOff(attempt: number, longest: number, random: number): number {
  return Math.min(FIRST * 2 ** (attempt - 1), longest) * (0.5 + random / 2);
}
