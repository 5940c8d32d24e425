import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { inParallel } from "../hack/bench/seed";
import { lock } from "../hack/locker/helm-release";
import { requestsToWrite, writesOf } from "./support/audit";
import { helms, installWith } from "./support/both-helms";
import { queueLengthIs } from "./support/queue";
import { shownDrift } from "./support/command";
import { Room } from "./support/room";
import { shapes } from "./support/shapes";
import { chartOf } from "./support/shapes/shape";

const charts = Object.entries(shapes);

for (const version of helms) {
  describe(`releases of ${version} that are right, in the shapes of ${charts.length} well-known charts`, () => {
    let room: Room;
    let unlocked: object[];

    /** Starts a locker, and waits until it has looked at everything. */
    async function lockerLooked(locks = async () => {}): Promise<void> {
      await room.startLocker();
      await locks();
      await queueLengthIs(room.locker, length => length === 0);
    }

    before(async () => {
      room = await Room.withoutLocker();
      await room.controlPlane.startControllers();
      await inParallel(charts, ([name, shape]) => installWith(room, version, chartOf(shape), name));
      unlocked = await shownDrift(room);
    });
    after(() => room.close());

    it("are not written when they are locked, nor when a locker starts again", async () => {
      await lockerLooked(() => inParallel(charts, ([name]) => lock(room, name)));
      await room.locker.stop();
      await lockerLooked();
      assert.deepEqual(await requests(writesOf), []);
    });

    it("have no drift that the command shows, whether they are locked or not", async () => {
      assert.deepEqual([unlocked, await shownDrift(room)], [[], []]);
    });

    it("are not even asked about", async () => {
      assert.deepEqual(await requests(requestsToWrite), []);
    });

    async function requests(select: typeof writesOf): Promise<string[]> {
      const events = select(await room.controlPlane.auditLog(), room.lockerUser);
      return events.map(({ verb, requestURI }) => `${verb} ${requestURI}`);
    }
  });
}
