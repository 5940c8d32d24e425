import assert from "node:assert/strict";
import { after, before, beforeEach, describe, it } from "node:test";
import { dataOf } from "../hack/lib/objects";
import {
  ask,
  helmReleasePath,
  isAtRest,
  isLocked,
  lock,
  statusOf,
  untilStatus,
  type Status,
} from "../hack/locker/helm-release";
import { becomes, postSentinel } from "./support/changes";
import type { Matches } from "./support/faults";
import { FaultyRoom } from "./support/faulty-room";
import { queueLengthIs } from "./support/queue";

describe("what the status tells of drift around a suspension", () => {
  let faulty: FaultyRoom;
  let release: string;
  let settings: string;
  before(async () => {
    faulty = await FaultyRoom.open({}, ({ room }) => postSentinel(room));
  });
  beforeEach(async () => {
    ({ release, settings } = await faulty.room.installFresh());
  });
  after(() => faulty.close());

  for (const mode of ["enabled", "warn"]) {
    it(`is nothing after its end before each object was looked at: ${mode}`, async () => {
      const { room, proxy } = faulty;
      await lock(room, release);
      await ask(room, release, { driftDetection: { mode } });
      await untilStatus(room, release, status => status.mode === mode && says(status) === "False");
      await ask(room, release, { suspend: true });
      await isAtRest(room, release, "Suspended");
      await room.api.edit(settings, { data: { color: "red" } });
      const look = proxy.stall(isReadOf(settings), "request");
      await ask(room, release, { suspend: null });
      await look.held();
      const status = await untilStatus(room, release, status => status.mode === mode);
      assert.equal(says(status), undefined);
      await queueLengthIs(room.locker, length => length === 1);
      assert.equal(says(statusOf(await room.api.read(helmReleasePath(release)))), undefined);
      await look.release();
      await untilStatus(room, release, status => says(status) === (mode === "warn" ? "True" : "False"));
      if (mode === "enabled") await becomes(room, settings, now => dataOf(now).color === "blue");
    });
  }

  it("counts what is left to others as before, also in the status of a locker that starts meanwhile", async () => {
    const { room } = faulty;
    await lock(room, release, { spec: { driftDetection: { ignore: [{ paths: ["/data/color"] }] } } });
    await room.api.edit(settings, { data: { color: "red" } });
    await untilStatus(room, release, isCounted);
    await ask(room, release, { suspend: true });
    assert.ok(isCounted(await isAtRest(room, release, "Suspended")));
    await room.locker.stop();
    await faulty.startLocker();
    await ask(room, release, { suspendReason: "INC-4711" });
    assert.ok(isCounted(await isAtRest(room, release, "Suspended")));
    await ask(room, release, { suspend: null });
    assert.ok(isCounted(await isLocked(room, release)));
  });
});

function isCounted({ objects }: Status): boolean {
  return objects?.ignored === 1;
}

/** What a status says of drift; undefined if nothing. */
function says({ conditions }: Status): string | undefined {
  return conditions.find(({ type }) => type === "Drifted")?.status;
}

/** Reads of one object. */
function isReadOf(object: string): Matches {
  return ({ method, path }) => method === "GET" && path === object;
}
