import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { readDuration } from "./durations";

describe("readDuration", () => {
  const right: [text: string, seconds: number][] = [
    ["0s", 0],
    ["90s", 90],
    ["30m", 1_800],
    ["1h30m", 5_400],
    ["2d", 172_800],
    ["3650d", 315_360_000],
  ];
  for (const [text, seconds] of right) {
    it(`takes ${text}`, () => {
      assert.equal(readDuration("--for", text), seconds * 1000);
    });
  }

  for (const text of ["", "1", "h", "-1h", "1 h", "1.5h", "1h30", "locked", "3651d", "9".repeat(400) + "d"]) {
    it(`refuses "${text.slice(0, 9)}"`, () => {
      assert.throws(() => readDuration("--for", text), { name: "UserError", message: /^--for "/ });
    });
  }
});
