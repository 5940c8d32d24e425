import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { isInForce, isPatchRefused, lockWith } from "./support/admission";
import { helms } from "./support/both-helms";
import { postSentinel } from "./support/changes";
import { Room } from "./support/room";
import { DEPLOYERS, orphansOf } from "./support/turning";
import { admitVisitors } from "./support/visitors";

/** How many upgrades drop an object: few here, more by `npm run test:upgrades`. */
const UPGRADES = Number(process.env["ADMISSION_UPGRADES"] ?? 8);

describe("upgrades that drop objects while locks are suspended and resumed", () => {
  let room: Room;
  before(async () => {
    room = await Room.open(postSentinel);
    await admitVisitors(room);
    const { release, settings } = await room.installFresh();
    await lockWith(room, release, { action: "Deny" });
    await isInForce(() => isPatchRefused(room.api, settings));
  });
  after(() => room.close());

  for (const helm of helms)
    for (const as of DEPLOYERS)
      it(`leave no orphan, by ${helm} as ${as[0]}`, async () => {
        assert.deepEqual(await orphansOf(room, { helm, as, upgrades: Math.ceil(UPGRADES / 2) }), []);
      });
});
