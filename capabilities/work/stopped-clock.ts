import type { TestContext } from "node:test";

/** In milliseconds, as performance.now() says. */
interface Clock {
  now: number;
}

const clocks = new WeakMap<TestContext, Clock>();

/** For tests: a clock that stands still until it is set. There is one for each test: a mock of a mock would outlive it. */
export function stopClock(t: TestContext, now = 0): Clock {
  const clock = clocks.get(t) ?? { now };
  if (!clocks.has(t)) t.mock.method(performance, "now", () => clock.now);
  clocks.set(t, clock);
  clock.now = now;
  return clock;
}
