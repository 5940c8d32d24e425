import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { revert, storm } from "../hack/bench/drift";
import { connections } from "../hack/bench/process";
import { isObjectWrite, isRecordRead, requestsDuring, requestsOf } from "../hack/bench/requested";
import { withLocker } from "../hack/bench/stand";

/** What `npm run bench` takes times of, in numbers that no machine changes. */
describe("what a lock costs", () => {
  it("is one phase check and one write a revert, one watch a kind, and no connection that stays", () =>
    withLocker({ releases: 10, objects: 10 }, async stand => {
      const { room, live, names, locker } = stand;
      const port = Number(new URL(room.controlPlane.server).port);
      const before = connections(locker.pid, port);

      const single = await requestsDuring(room, 20, async () => {
        for (const name of names.slice(0, 20)) await revert(room, live, name);
      });
      assert.equal(single.filter(isRecordRead).length, 40, "two reads of records a revert");
      assert.equal(single.filter(isObjectWrite).length, 20, "one write a revert");

      const atOnce = await requestsDuring(room, names.length, () => storm(room, live, names));
      assert.equal(atOnce.filter(isObjectWrite).length, names.length, "one write a revert");
      assert.ok(atOnce.filter(isRecordRead).length <= 2 * names.length, "checks are shared at best");

      for (let round = 0; round < 5; round++) await storm(room, live, names);
      // Ten of the locker's own, and those that Pepr opens for its watches up to some seconds after the start.
      assert.ok(connections(locker.pid, port) <= before + 20, "no connection a revert");

      const watches = (await requestsOf(room)).filter(
        ({ verb, requestURI }) => verb === "watch" && requestURI.includes("managed-by"),
      );
      assert.equal(
        new Set(watches.map(({ objectRef }) => objectRef?.resource)).size,
        1,
        "one kind is watched",
      );
      assert.equal(watches.filter(({ stage }) => stage === "ResponseComplete").length, 0, "no watch was cut");
    }));

  it("is nothing for objects that are right, and one LIST a kind, when a locker starts", () =>
    withLocker({ releases: 10, objects: 10 }, async stand => {
      const { room, seeded } = stand;
      await room.locker.stop();
      const start = await requestsDuring(room, 0, () => room.startLocker());
      const ofObjects = start.filter(
        ({ objectRef, requestURI }) =>
          objectRef?.resource === "configmaps" && !requestURI.includes("owner%3Dhelm"),
      );
      assert.deepEqual(
        ofObjects.filter(({ verb }) => verb !== "watch").map(({ verb }) => verb),
        ["list"],
      );
      assert.equal(start.filter(isRecordRead).length, 2 * seeded.length, "two reads of records a release");
    }));
});
