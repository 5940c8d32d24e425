import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { setImmediate } from "node:timers/promises";
import { coalesced } from "./coalesced";

describe("coalesced", () => {
  it("does once what is asked for several times, and again once that is done", async () => {
    let count = 0;
    const ask = coalesced(() => count++);
    for (let i = 0; i < 1000; i++) ask();
    assert.equal(count, 0);
    await setImmediate();
    assert.equal(count, 1);
    ask();
    await setImmediate();
    assert.equal(count, 2);
  });
});
