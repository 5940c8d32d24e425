import assert from "node:assert/strict";
import { describe, it, type TestContext } from "node:test";
import { stopClock } from "../work/stopped-clock";
import { Spacing } from "./spacing";

/** Tells whenever it may, for a number of seconds: when that was, in seconds. */
function tellFor(t: TestContext, spacing: Spacing, seconds: number): number[] {
  const times: number[] = [];
  for (let now = 0; now < seconds * 1000; now += 100) {
    stopClock(t, now);
    if (spacing.wait("shop") > 0) continue;
    spacing.note("shop");
    times.push(now / 1000);
  }
  return times;
}

describe("Spacing", () => {
  it("tells of what goes on less and less often, and every four seconds in the end", t => {
    assert.deepEqual(tellFor(t, new Spacing(), 23), [0, 1, 3, 7, 11, 15, 19]);
  });

  it("begins anew after a rest", t => {
    const spacing = new Spacing();
    tellFor(t, spacing, 8);
    stopClock(t, 14_999);
    spacing.note("shop");
    assert.equal(spacing.wait("shop"), 4000);
    stopClock(t, 22_999);
    spacing.note("shop");
    assert.equal(spacing.wait("shop"), 1000);
  });

  it("lets what somebody waits for wait a second at most, and nothing else at all", t => {
    const spacing = new Spacing();
    tellFor(t, spacing, 8);
    stopClock(t, 7200);
    assert.equal(spacing.wait("shop"), 3800);
    assert.equal(spacing.waitLeast("shop"), 800);
    assert.equal(spacing.wait("other"), 0);
    assert.equal(spacing.waitLeast("other"), 0);
  });

  it("counts nothing but what goes on", t => {
    const spacing = new Spacing();
    for (const now of [0, 1000, 2000, 3000]) {
      stopClock(t, now);
      spacing.noteOther("shop");
    }
    assert.deepEqual([spacing.wait("shop"), spacing.waitLeast("shop")], [0, 1000]);
    spacing.note("shop");
    assert.equal(spacing.wait("shop"), 1000);
    stopClock(t, 3500);
    spacing.noteOther("shop");
    assert.equal(spacing.wait("shop"), 1000);
  });
});
