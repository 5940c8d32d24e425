import assert from "node:assert/strict";
import { it } from "node:test";
import { Departures } from "./departures";

it("each departs a while after the one before, at a time that stays its own", () => {
  const departures = new Departures(100);
  assert.deepEqual(
    ["a", "b", "c", "b"].map(name => departures.wait(name, 1_000)),
    [0, 100, 200, 100],
  );
  assert.equal(departures.wait("b", 1_100), 0);
  departures.end("b");
  assert.equal(departures.wait("b", 1_100), 200);
  assert.equal(departures.wait("d", 5_000), 0);
});
