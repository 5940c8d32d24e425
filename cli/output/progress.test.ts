import assert from "node:assert/strict";
import { PassThrough } from "node:stream";
import { describe, it, type TestContext } from "node:test";
import { Progress } from "./progress";

function started(t: TestContext, isTTY: boolean) {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const stream = Object.assign(new PassThrough({ encoding: "utf8" }), { isTTY });
  const progress = new Progress(stream);
  progress.start();
  return {
    progress,
    wait: () => {
      t.mock.timers.tick(1_000);
    },
    written: () => String(stream.read() ?? ""),
  };
}

const CLEAR = "\r\u{1B}[K";

describe("progress", () => {
  it("is shown after a second, though nothing is found yet", t => {
    const { progress, wait, written } = started(t, true);
    assert.equal(written(), "");
    wait();
    assert.equal(written(), `${CLEAR}looking for releases …`);
    progress.found(3);
    assert.equal(written(), `${CLEAR}[${" ".repeat(30)}] 0 of 3 releases`);
    progress.step();
    assert.equal(written(), `${CLEAR}[${"#".repeat(10)}${" ".repeat(20)}] 1 of 3 releases`);
  });

  it("makes room, and comes back with the next step", t => {
    const { progress, wait, written } = started(t, true);
    progress.found(1);
    wait();
    written();
    progress.clear();
    progress.clear();
    assert.equal(written(), CLEAR);
    progress.step();
    assert.equal(written(), `${CLEAR}[${"#".repeat(30)}] 1 of 1 releases`);
  });

  it("leaves nothing behind, and does not come back", t => {
    const { progress, wait, written } = started(t, true);
    wait();
    written();
    progress.end();
    assert.equal(written(), CLEAR);
    progress.step();
    wait();
    assert.equal(written(), "");
  });

  it("is not shown where nothing takes long, nor in a pipe", t => {
    const { progress, wait, written } = started(t, true);
    progress.found(1);
    progress.step();
    progress.end();
    wait();
    assert.equal(written(), "");
    t.mock.timers.reset();
    const piped = started(t, false);
    piped.wait();
    piped.progress.step();
    piped.progress.end();
    assert.equal(piped.written(), "");
  });
});
