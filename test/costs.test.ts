import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { edit, revert, storm } from "../hack/bench/drift";
import { connections, processesOf } from "../hack/bench/process";
import {
  isObjectWrite,
  isRecordRead,
  openWatches,
  requestsDuring,
  requestsOf,
} from "../hack/bench/requested";
import { startControlPlane } from "../hack/clusters/control-plane";
import type { AuditEvent } from "../hack/clusters/control-plane/audit";
import { patiently, untilSeen } from "../hack/lib/patience";
import { runController } from "../hack/locker/controller";
import { hasEvent, says, untilStatus } from "../hack/locker/helm-release";
import { inParallel, lockAll, seed } from "../hack/bench/seed";
import { areLocked, withLocker } from "../hack/bench/stand";
import { isWrite } from "./support/faults";
import { FaultyRoom } from "./support/faulty-room";
import { queueLengthIs, workIsDone } from "./support/queue";

/** Whether a request writes, but for what Pepr's runtime writes and what asks for rights. */
function isOwnWrite({ verb, objectRef }: AuditEvent): boolean {
  const { resource = "" } = objectRef ?? {};
  return !["get", "list", "watch"].includes(verb) && !/^peprstores$|accessreviews$/.test(resource);
}

/** The subjects of `npm run bench`, as numbers that do not depend on the machine. */
describe("what a lock costs", () => {
  it("is one phase check and one write a revert, one watch a kind, and no connection that stays", () =>
    withLocker({ releases: 10, objects: 10 }, async stand => {
      const { testbed: room, watch, names } = stand;
      const { locker } = room;
      const port = Number(new URL(room.controlPlane.server).port);
      const single = await requestsDuring(room, 20, async () => {
        for (const name of names.slice(0, 20)) await revert(room, watch, name);
      });
      assert.equal(single.filter(isRecordRead).length, 40, "two reads of records a revert");
      assert.equal(single.filter(isObjectWrite).length, 20, "one write a revert");

      const atOnce = await requestsDuring(room, names.length, () => storm(room, watch, names));
      assert.equal(atOnce.filter(isObjectWrite).length, names.length, "one write a revert");
      assert.ok(atOnce.filter(isRecordRead).length <= 2 * names.length, "checks are shared at best");

      for (let round = 0; round < 5; round++) await storm(room, watch, names);
      // Besides watches: the locker's own, and those that Pepr's start leaves open for 90 s.
      const most = (await openWatches(room)) + 50;
      assert.ok(connections(locker.pid, port) <= most, "no connection a revert");

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
      const { testbed: room, seeded } = stand;
      await room.locker.stop();
      const start = await requestsDuring(room, 0, () => room.startLocker());
      const ofObjects = start.filter(
        ({ objectRef, requestURI }) =>
          objectRef?.resource === "configmaps" && !requestURI.includes("owner%3Dhelm"),
      );
      const others = ofObjects.filter(({ verb }) => verb !== "watch");
      // Nobody knows what the objects weigh, so the first page is of 50. The second has the rest.
      assert.deepEqual(
        others.map(({ verb, requestURI }) => `${verb}${/continue=[^&]/.test(requestURI) ? " on" : ""}`),
        ["list", "list on"],
      );
      assert.equal(start.filter(isRecordRead).length, 2 * seeded.length, "two reads of records a release");
      const ofMemories = start.filter(({ objectRef }) => objectRef?.resource === "helmreleasememories");
      assert.deepEqual(
        ofMemories.map(({ verb }) => verb),
        ["list"],
      );
    }));

  it("is no write at a start that finds everything as its status says", () =>
    withLocker({ releases: 10, objects: 2 }, async stand => {
      const { testbed: room, watch, names, seeded } = stand;
      // What differs is told last.
      for (const { release } of seeded)
        await untilStatus(room, release, status => says(status, "Drifted", "False", "NoDriftDetected"));
      const ofStatus = (await requestsOf(room)).filter(
        ({ objectRef }) => objectRef?.subresource === "status",
      );
      assert.ok(ofStatus.length <= seeded.length + 1, "one status write tells of all looks");
      await room.locker.stop();
      const nameOf = ({ verb, objectRef }: AuditEvent): string =>
        `${verb} ${objectRef?.resource} ${objectRef?.name?.split(".")[0]}`;
      const isOther = (write: string): boolean => !/ (app-0|app-0-0)$/.test(write);
      const start = await requestsDuring(room, 1, async () => {
        await room.startLocker();
        await workIsDone(room.locker);
        await revert(room, watch, names[0] ?? "");
        await hasEvent(room, "app-0", "Reverted");
        await workIsDone(room.locker);
      });
      assert.deepEqual(start.filter(isOwnWrite).map(nameOf).filter(isOther), []);
    }));

  it("is one place in the queue for an object, however often it is changed, and checks that are shared", async () => {
    const faulty = await FaultyRoom.open();
    try {
      const { room, proxy } = faulty;
      const [seeded] = await seed(room, { releases: 1, objects: 31 });
      assert.ok(seeded);
      await lockAll(room, [seeded]);
      await areLocked(room, [seeded]);
      const [last = "", ...names] = seeded.objects;
      await queueLengthIs(faulty.locker, length => length === 0);

      const before = (await requestsOf(room)).length;
      const stall = proxy.stall(isWrite, "request");
      for (let round = 0; round < 10; round++) await inParallel(names, name => edit(room, name));
      // The watch shows this change after all the others.
      await edit(room, last);
      const length = await queueLengthIs(faulty.locker, length => length > names.length);
      // What stands for long is told of in the status, which has a place of its own.
      assert.ok(length <= seeded.objects.length + 1, `${length} places for ${seeded.objects.length} objects`);
      await stall.release();
      await queueLengthIs(faulty.locker, length => length === 0);
      const checks = (await requestsOf(room)).slice(before).filter(isRecordRead).length / 2;
      assert.ok(
        checks < seeded.objects.length / 2,
        `${checks} checks: what was observed before one shares it`,
      );
    } finally {
      await faulty.close();
    }
  });

  it("is two processes by npm run controller, npm and the locker, which Ctrl-C ends", async () => {
    const controlPlane = await startControlPlane();
    const controller = runController(controlPlane.kubeconfig);
    try {
      await patiently(controller.ready, "ready");
      const are = (count: number) => () => Promise.resolve(processesOf(controller.group).length === count);
      await untilSeen(are(2), "npm and the locker alone");
      controller.interrupt();
      await untilSeen(are(0), "the end of both");
    } finally {
      await controller.end();
      await controlPlane.stop();
    }
  });
});
