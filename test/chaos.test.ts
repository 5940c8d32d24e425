import fc from "fast-check";
import { after, before, describe, it } from "node:test";
import { runs } from "./support/chaos/operations";
import { play } from "./support/chaos/play";
import { Room } from "./support/room";

/** Seeds whose short runs together contain most kinds of operations, and changes in most modes. */
const SEEDS = [16733, 98498];

describe("whatever happens, in any order", () => {
  let room: Room;
  before(async () => {
    room = await Room.withoutLocker();
  });
  after(() => room.close());

  for (const seed of SEEDS) {
    it(`holds what is locked to its manifest, and leaves all else alone (seed ${seed})`, async () => {
      for (const batches of fc.sample(runs({ minLength: 2, maxLength: 3 }), { seed, numRuns: 1 }))
        await play(room, `chaos-${seed}`, batches);
    });
  }
});
