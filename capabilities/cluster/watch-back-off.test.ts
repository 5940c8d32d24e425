import assert from "node:assert/strict";
import { beforeEach, describe, it } from "node:test";
import { ExpiredError, ForbiddenError, NetworkError } from "./errors";
import { BackOff } from "./watch-back-off";

const expired = new ExpiredError(410, "Expired", "too old");
const forbidden = new ForbiddenError(403, "Forbidden", "no");
const cut = new NetworkError("cut");

describe("the back-off of a watch", () => {
  let now: number;
  let backOff: BackOff;
  beforeEach(t => {
    now = performance.now();
    if ("mock" in t) t.mock.method(performance, "now", () => now);
    backOff = new BackOff(() => 1);
  });

  /** The pauses after the same failure, again and again. */
  const pauses = (error: Error, count: number): (number | undefined)[] =>
    Array.from({ length: count }, () => {
      const pause = backOff.after(error);
      now += pause ?? 0;
      return pause;
    });

  it("doubles up to 2 s", () => {
    assert.deepEqual(pauses(cut, 8), [50, 100, 200, 400, 800, 1600, 2000, 2000]);
  });

  it("doubles up to 4 s where it is refused for long", () => {
    assert.ok(pauses(forbidden, 15).every(pause => Number(pause) <= 2_000));
    assert.equal(pauses(forbidden, 15).at(-1), 4_000);
  });

  it("lists at once for the first expiry", () => {
    backOff.lists();
    now += 60_000;
    assert.equal(backOff.after(expired), undefined);
  });

  it("lists at most once a second, however often it is told that its state has expired", () => {
    const started = now;
    for (let lists = 0; lists < 20; lists++) {
      backOff.lists();
      now += backOff.after(expired) ?? 0;
    }
    assert.ok(now - started >= 20_000, `20 lists in ${now - started} ms`);
  });
});
