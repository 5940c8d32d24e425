import assert from "node:assert/strict";
import { test } from "node:test";
import { clock, withProgress } from "./progress";

test("the clock shows minutes and seconds", () => {
  assert.deepEqual([0, 59_999, 60_000, 3_725_000].map(clock), ["0:00", "0:59", "1:00", "62:05"]);
});

test("progress goes to the listener, and the work's result comes back", async () => {
  const lines: string[] = [];
  const result = await withProgress(
    "working",
    () => Promise.resolve(42),
    line => lines.push(line),
  );
  assert.deepEqual([result, lines], [42, ["working"]]);
});
