import { setTimeout as delay } from "node:timers/promises";

/** How long to wait for anything, unless specified otherwise, in milliseconds; success never takes that long. */
export const PATIENCE = 60_000;

/** What was awaited did not happen in time. */
export class PatienceError extends Error {
  override readonly name = "PatienceError";
}

/**
 * Waits with a limit for something that has no other limit. So what never happens fails one test, and does not delay
 * all tests after it.
 *
 * @param what is awaited, for the error
 * @throws PatienceError if it did not happen
 */
export async function patiently<T>(awaited: Promise<T>, what: string): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const patience = setTimeout(() => {
    reject(new PatienceError(`${what} did not come about`));
  }, PATIENCE);
  try {
    return await Promise.race([awaited, late]);
  } finally {
    clearTimeout(patience);
  }
}

/** Milliseconds between two looks at something that does not report its changes. */
const POLL = 100;

/**
 * Looks repeatedly until there is something to see.
 *
 * @param look returns false while there is nothing
 * @param what is awaited, for the error
 * @throws PatienceError if it did not happen
 */
export async function untilSeen<T>(look: () => Promise<T | false>, what: string): Promise<T> {
  const deadline = performance.now() + PATIENCE;
  for (;;) {
    const seen = await patiently(look(), what);
    if (seen !== false) return seen;
    if (performance.now() > deadline) throw new PatienceError(`${what} did not come about`);
    await delay(POLL);
  }
}
