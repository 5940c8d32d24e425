import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { portionsOf } from "./support/property/portions";
import { playRound } from "./support/property/rounds";
import { shrunk } from "./support/property/shrink";
import { Stage } from "./support/property/stage";
import { changesIn } from "./support/property/tally";

/** `npm run test:drift` takes another one each time. */
const SEED = 12;

/** How many of the failures are made small: each takes up to a minute. */
const MOST_SHRUNK = 2;

describe("whatever an object is, and however it is changed", () => {
  let stage: Stage;
  before(async () => {
    stage = await Stage.open(SEED);
  });
  after(() => stage.end());

  it(`is locked without a write, and is as before after each change (seed ${SEED})`, async () => {
    const portions = portionsOf(stage, { seed: SEED, size: { growth: 5, moves: 8 }, cases: 2 });
    const { counts, failures } = await playRound(stage, portions);
    const words = failures.slice(0, MOST_SHRUNK).map(failure => {
      const portion = portions.find(({ subject }) => subject === failure.subject);
      assert.ok(portion);
      return shrunk(stage, portion, failure);
    });
    assert.deepEqual(await Promise.all(words), [], `${failures.length} of the cases failed`);
    assert.ok(changesIn(counts) > 200, `${changesIn(counts)} changes`);
  });
});
