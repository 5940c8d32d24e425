import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { collection, configMapPath } from "../hack/lib/objects";
import { hasProblems, helmRelease, isLocked, register } from "../hack/locker/helm-release";
import { payloadOf } from "../hack/locker/release-record";
import { becomes, postSentinel, sentinelReverted } from "./support/changes";
import { define, definition } from "./support/definitions";
import { FaultyRoom } from "./support/faulty-room";
import { forge, withdraw } from "./support/forged";
import { WHEN_SERVED } from "./support/in-time";
import { NAMESPACE, type Room } from "./support/room";

/** How long requests are counted, in seconds, and how many there may be in that time: two a second. */
const COUNTED = 15;
const MOST = 2 * COUNTED;

const floods: Record<string, (index: number) => [apiVersion: string, kind: string]> = {
  "API versions that are not served": index => [`g${index}.example.com/v1`, "Widget"],
  "kinds that the core does not serve": index => ["v1", `Widget${index}`],
  "kinds of a version that is served, and versions of a group that is": index => [
    index % 2 === 0 ? "apps/v1" : `apps/v${index + 1}`,
    `Widget${index}`,
  ],
};

describe("a record of 9,900 objects", () => {
  let faulty: FaultyRoom;
  let room: Room;
  let asked = 0;
  before(async () => {
    faulty = await FaultyRoom.open();
    ({ room } = faulty);
    await postSentinel(room);
    const isDiscovery = (path: string): boolean => /^\/(api\/v1|apis(\/[^/]+\/[^/]+)?)$/.test(path);
    faulty.proxy.refuse(
      ({ path }) => {
        if (isDiscovery(path)) asked++;
        return false;
      },
      { status: 500 },
    );
  });
  after(() => faulty.close());

  for (const [number, [what, at]] of Object.entries(floods).entries()) {
    it(`of ${what} costs few requests, and is told`, async () => {
      const release = `flood-${number}`;
      const documents = Array.from({ length: 9_900 }, (_, index) => {
        const [apiVersion, kind] = at(index);
        return JSON.stringify({ apiVersion, kind, metadata: { name: "a" } });
      });
      await forge(room, { release, payload: payloadOf(release, 1, documents.join("\n---\n")) });
      asked = 0;
      await register(room, helmRelease(release));
      assert.match(await hasProblems(room, release), /is not served; .* and 9897 more$/);
      await delay(COUNTED * 1000);
      assert.ok(asked <= MOST, `${asked} requests in ${COUNTED} s`);
      await sentinelReverted(room);
      await withdraw(room, release, 1);
    });
  }

  it("does not keep a kind from being found as soon as it is served", async () => {
    const late = { apiVersion: "late.example.com/v1", kind: "Late", metadata: { name: "one" } };
    const payload = payloadOf("late", 1, JSON.stringify(late));
    await forge(room, { release: "late", payload });
    await register(room, helmRelease("late"));
    await hasProblems(room, "late", message => message.includes("is not served"));
    await define(room, definition("late.example.com", "Late"));
    const path = `${collection("late.example.com/v1", "lates", NAMESPACE)}/one`;
    await becomes(room, path, object => object !== undefined, WHEN_SERVED);
    await isLocked(room, "late");
    assert.ok(await room.api.get(configMapPath(NAMESPACE, "sentinel")));
  });
});
