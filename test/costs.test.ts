import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { revert, storm } from "../hack/bench/drift";
import { connections } from "../hack/bench/process";
import { withLocker, type Stand } from "../hack/bench/stand";
import type { AuditEvent } from "../hack/control-plane";

/** What `npm run bench` takes times of, in numbers that no machine changes. */
describe("what a lock costs", () => {
  it("is one phase check and one write a revert, one watch a kind, and no connection that stays", () =>
    withLocker({ releases: 10, objects: 10 }, async stand => {
      const { room, live, names, locker } = stand;
      const port = Number(new URL(room.controlPlane.server).port);
      const before = connections(locker.pid, port);

      const single = await during(stand, 20, async () => {
        for (const name of names.slice(0, 20)) await revert(room, live, name);
      });
      assert.equal(single.filter(isRecordRead).length, 40, "two reads of records a revert");
      assert.equal(single.filter(isObjectWrite).length, 20, "one write a revert");

      const atOnce = await during(stand, names.length, () => storm(room, live, names));
      assert.equal(atOnce.filter(isObjectWrite).length, names.length, "one write a revert");
      assert.ok(atOnce.filter(isRecordRead).length <= 2 * names.length, "checks are shared at best");

      for (let round = 0; round < 5; round++) await storm(room, live, names);
      // Ten of the locker's own, and those that Pepr opens for its watches up to some seconds after the start.
      assert.ok(connections(locker.pid, port) <= before + 20, "no connection a revert");

      const watches = (await requestsOf(stand)).filter(
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
      const start = await during(stand, 0, () => room.startLocker());
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

/**
 * What the locker asks the API server while something is done.
 *
 * @param writes how many writes to objects to wait for: the audit log is written after the answer, and tells nobody
 */
async function during(stand: Stand, writes: number, work: () => Promise<unknown>): Promise<AuditEvent[]> {
  const before = (await requestsOf(stand)).length;
  await work();
  for (;;) {
    const seen = (await requestsOf(stand)).slice(before);
    if (seen.filter(isObjectWrite).length >= writes) return seen;
    await delay(100);
  }
}

async function requestsOf({ room }: Stand): Promise<AuditEvent[]> {
  return (await room.controlPlane.auditLog()).filter(
    ({ user, stage, verb }) =>
      user.username === room.lockerUser && (stage === "ResponseComplete" || verb === "watch"),
  );
}

function isRecordRead({ verb, objectRef }: AuditEvent): boolean {
  return verb === "get" && objectRef?.name?.startsWith("sh.helm.release.v1.") === true;
}

function isObjectWrite({ verb, objectRef }: AuditEvent): boolean {
  return verb === "patch" && objectRef?.resource === "configmaps";
}
