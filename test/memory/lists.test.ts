import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { inParallel } from "../../hack/bench/seed";
import type { MemoryGroup } from "../../hack/lib/memory-group";
import { collection, configMap, configMapPath, content, dataOf } from "../../hack/lib/objects";
import { helmRelease, isLocked, isUnlocked, lock, register } from "../../hack/locker/helm-release";
import { becomes, byPatch, isContent, isReverted, postSentinel, sentinelReverted } from "../support/changes";
import { chartMemory, isWithinLimit, NO_GROUP } from "../support/chart-memory";
import { addForged, noise } from "../support/forged";
import { AFTER_OUTAGE } from "../support/in-time";
import { NAMESPACE, Room } from "../support/room";

const NEIGHBOUR = "neighbour";
const settings = configMapPath(NAMESPACE, "settings");

const numbers = (count: number): number[] => Array.from({ length: count }, (_, index) => index);
const parts = numbers(200).map(number => `part-${number}`);

describe("in the memory that the chart gives it", { skip: NO_GROUP }, () => {
  let room: Room;
  let group: MemoryGroup | undefined;
  before(async () => {
    group = chartMemory();
    room = await Room.withoutLocker();
    await room.startLocker({ memory: group });
    await room.kubectl("create", "namespace", NEIGHBOUR);
    await postSentinel(room);
    await room.install("web", { templates: { settings: configMap("settings", { color: "blue" }) } });
    await lock(room, "web");
  });
  after(async () => {
    try {
      await room.close();
    } finally {
      await group?.close();
    }
  });

  const attacks: Record<string, () => Promise<void>> = {
    "400 forged records with as many annotations as may be": () =>
      addForged(room, 400, name => ({ release: name, name: `sh.helm.release.v1.${name}.v1` }), NEIGHBOUR),
    "100 copies of a record that it searches for": async () => {
      await addForged(room, 100, name => ({ release: "missing", name }), NEIGHBOUR);
      await register(room, helmRelease("missing", { namespace: NEIGHBOUR }));
      await isUnlocked(room, "missing", "SecretNotFound");
    },
    "300 objects of 900 kB that only pass for Helm's": async () => {
      const labels = { "app.kubernetes.io/managed-by": "Helm" };
      await inParallel(numbers(300), number =>
        room.api.create(
          collection("v1", "configmaps", NAMESPACE),
          configMap(`other-${number}`, { text: noise(number, 900_000) }, { labels }),
        ),
      );
    },
  };
  for (const [what, attack] of Object.entries(attacks)) {
    it(`starts beside ${what}`, async () => {
      await attack();
      await room.stopLocker();
      const before = content(await room.api.read(settings));
      await room.api.edit(settings, { data: { color: "red" } });
      await room.startLocker({ memory: group });
      await isContent(room, settings, before);
      await isReverted(room, settings, byPatch(room, settings, { data: { color: "green" } }));
      isWithinLimit(room, group);
    });
  }

  it("restores 200 objects that were each filled with 900 kB while it was down", async () => {
    const templates = Object.fromEntries(parts.map(name => [name, configMap(name, { text: "short" })]));
    await room.install("book", { templates });
    await lock(room, "book");
    await room.stopLocker();
    const text = "x".repeat(900_000);
    await inParallel(parts, name => room.api.edit(configMapPath(NAMESPACE, name), { data: { text } }));
    await room.startLocker({ memory: group });
    await isLocked(room, "book");
    for (const name of parts) {
      await becomes(room, configMapPath(NAMESPACE, name), now => dataOf(now).text === "short", AFTER_OUTAGE);
    }
    await sentinelReverted(room);
    isWithinLimit(room, group);
  });

  it("names the first of very many objects that are no records, and says that there are more", () => {
    const odd = room.locker.logs.filter(({ message }) => /owner=helm/.test(message));
    assert.deepEqual([odd.length, odd.filter(({ namespace }) => namespace === NEIGHBOUR).length], [21, 1]);
  });
});
