import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createLog, troubled } from "./log";
import { lineWords } from "./log-lines";

describe("a failure that is tried again and again", () => {
  it("is one line, until it is another or a minute has passed", t => {
    let now = performance.now();
    t.mock.method(performance, "now", () => now);
    const log = createLog("warn");
    const levels: string[] = [];
    t.mock.method(log, "log", (level: string) => {
      levels.push(level);
      return log;
    });
    const fails = (why: string): void => {
      troubled(log, "can't write an Event", {}, { error: new Error(why) });
    };
    for (const why of ["cut", "cut", "refused", "cut"]) fails(why);
    now += 60_001;
    fails("cut");
    assert.deepEqual(levels, ["warn", "debug", "warn", "debug", "warn"]);
  });
});

describe("a line of the log", () => {
  it("has what its names stand for, whatever that contains", () => {
    const line = "can't read release {release} yet";
    assert.equal(lineWords(line, { release: "shop/$&{release}" }), "can't read release shop/$&{release} yet");
  });
});
