import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Fights } from "./fights";

function live(data: string, resourceVersion = "1") {
  return { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "a", resourceVersion }, data: { data } };
}

/** Fights for a number of rounds, each as soon as it is allowed, and returns the pause after each round. */
function fight(object: object, fights: Fights, rounds: number): number[] {
  let now = 0;
  return Array.from({ length: rounds }, (_, round) => {
    fights.note(object, live("theirs", String(round)), now);
    const pause = fights.pause(object, live("theirs"), now);
    now += pause;
    return pause;
  });
}

describe("Fights", () => {
  it("holds off longer and longer once the same change has come back five times", () => {
    const pauses = fight({}, new Fights(), 12);
    assert.deepEqual(pauses, [0, 0, 0, 0, 1000, 2000, 4000, 8000, 16000, 30000, 30000, 30000]);
  });

  it("never slows down changes that differ, however fast they come", () => {
    const fights = new Fights();
    const object = {};
    for (let round = 0; round < 100; round++) {
      fights.note(object, live(`edit ${round}`), round);
      assert.equal(fights.pause(object, live(`edit ${round}`), round), 0);
    }
  });

  it("does not hold up another change of an object that is fought over, nor another object", () => {
    const fights = new Fights();
    const object = {};
    fight(object, fights, 9);
    assert.equal(fights.pause(object, live("a person's"), 0), 0);
    assert.equal(fights.pause(object, undefined, 0), 0);
    assert.equal(fights.pause({}, live("theirs"), 0), 0);
  });

  it("counts deletions, too, and starts over when a minute has passed", () => {
    const fights = new Fights();
    const object = {};
    for (let round = 0; round < 5; round++) fights.note(object, undefined, round);
    assert.equal(fights.pause(object, undefined, 4), 1000);
    fights.note(object, undefined, 60_004);
    assert.equal(fights.pause(object, undefined, 60_004), 0);
  });
});
