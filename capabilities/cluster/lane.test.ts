import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Lane } from "./lane";

const PATIENCE = 20;

/** Work that never ends. */
const hangs = (): Promise<never> => new Promise(() => undefined);

describe("a lane", () => {
  it("lets no more run at a time than it is wide", async () => {
    const lane = new Lane(2, 10_000);
    let running = 0;
    let most = 0;
    const work = async (): Promise<void> => {
      most = Math.max(most, ++running);
      await new Promise(setImmediate);
      running--;
    };
    await Promise.all(Array.from({ length: 9 }, () => lane.run(work)));
    assert.equal(most, 2);
  });

  it("goes on after a failure", async () => {
    const lane = new Lane(1, 10_000);
    await assert.rejects(lane.run(() => Promise.reject(new Error("no"))));
    assert.equal(await lane.run(() => Promise.resolve("done")), "done");
  });

  it("is not blocked by what never ends, and never wider for it afterwards", async () => {
    const lane = new Lane(1, PATIENCE);
    void lane.run(hangs);
    void lane.run(hangs);
    assert.equal(await lane.run(() => Promise.resolve("done")), "done");
  });
});
