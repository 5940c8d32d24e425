import {
  ForbiddenError,
  HangingError,
  InvalidError,
  isRefusal,
  SchemaError,
  ThrottledError,
} from "../cluster/errors";

/** Milliseconds: the first pause after a failure, and the longest pause if somebody has to act. */
const FIRST = 25;
const LONGEST = 30_000;

/** The first pause after a refusal of what is in an object, or if something hangs: to repeat that soon is useless. */
const FIRST_REFUSED = 4_000;

/** The first pause where a right is missing: an API server that has just started does not know of any for a moment. */
const FIRST_FORBIDDEN = 250;

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
  if (isRefusal(error) || error instanceof HangingError)
    return backOff(attempt, random, { first: firstOf(error), longest: LONGEST });
  return untilItPasses(attempt, random);
}

/** Whether a failure is likely to heal by itself. */
export function isPassing(error: unknown): boolean {
  return !isRefusal(error);
}

/** How long to wait for something that only somebody can change; parameters and result as for `retryDelay`. */
export function untilSomebodyActs(attempt: number, random = Math.random()): number {
  return backOff(attempt, random, { first: FIRST, longest: LONGEST });
}

/** How long to wait for something that is likely to heal by itself; parameters and result as for `retryDelay`. */
export function untilItPasses(attempt: number, random = Math.random()): number {
  return backOff(attempt, random, { first: FIRST, longest: LONGEST_PASSING });
}

function firstOf(error: unknown): number {
  if (error instanceof ForbiddenError && error.rule) return FIRST_FORBIDDEN;
  const isOfContent =
    error instanceof InvalidError || error instanceof ForbiddenError || error instanceof SchemaError;
  return isOfContent || error instanceof HangingError ? FIRST_REFUSED : FIRST;
}

function backOff(
  attempt: number,
  random: number,
  { first, longest }: { first: number; longest: number },
): number {
  return Math.min(first * 2 ** (attempt - 1), longest) * (0.5 + random / 2);
}
