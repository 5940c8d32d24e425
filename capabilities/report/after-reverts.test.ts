import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { AfterReverts } from "./after-reverts";

describe("AfterReverts", () => {
  it("waits while something is to be reverted, but not for ever", context => {
    let now = 0;
    context.mock.method(performance, "now", () => now);
    let isBusy = true;
    const turn = new AfterReverts({ isBusyWith: () => isBusy });
    assert.ok(turn.wait("a") > 0);
    isBusy = false;
    assert.equal(turn.wait("a"), 0);
    isBusy = true;
    assert.ok(turn.wait("a") > 0);
    now = 14_999;
    assert.ok(turn.wait("a") > 0);
    now = 15_000;
    assert.equal(turn.wait("a"), 0);
    assert.ok(turn.wait("a") > 0, "the next wait begins anew");
  });
});
