import { setTimeout as delay } from "node:timers/promises";

/** How long anything is waited for, unless told otherwise, in milliseconds; what works never gets there. */
export const PATIENCE = 60_000;

/** What was awaited did not come about in time. */
export class PatienceError extends Error {
  override readonly name = "PatienceError";
}

/**
 * Waits for what nobody else limits, so that what never comes fails a test instead of holding up all that come after it.
 *
 * @param what is awaited, for the error
 * @throws PatienceError where it did not come
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

/** Milliseconds between two looks at what tells nobody when it changes. */
const POLL = 100;

/**
 * Looks now and then until there is something to see.
 *
 * @param look returns false while there is nothing
 * @param what is awaited, for the error
 * @throws PatienceError where it did not come
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
