import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { inParallel, lockAll, seed, type Seeded } from "../../hack/bench/seed";
import { areLocked, watchObjects } from "../../hack/bench/stand";
import type { MemoryGroup } from "../../hack/lib/memory-group";
import { collection, configMap, configMapPath, dataOf } from "../../hack/lib/objects";
import { isLocked, lock } from "../../hack/locker/helm-release";
import { byPatch, isReverted } from "../support/changes";
import { chartMemory, isWithinLimit, NO_GROUP } from "../support/chart-memory";
import { NAMESPACE, Room } from "../support/room";

const RELEASES = 1_000;
const OBJECTS = 5;

/** More records than the locker remembers of a namespace. */
const RECORDS = 6_000;

describe("a large cluster, in the memory that the chart gives it", { skip: NO_GROUP }, () => {
  let room: Room;
  let group: MemoryGroup | undefined;
  let seeded: Seeded[];
  let names: string[];
  before(async () => {
    group = chartMemory();
    room = await Room.withoutLocker();
    seeded = await seed(room, { releases: RELEASES, objects: OBJECTS, revisions: 2, payload: 20_000 });
    names = seeded.flatMap(({ objects }) => objects);
    await room.startLocker({ memory: group });
  });
  after(async () => {
    try {
      await room.close();
    } finally {
      await group?.close();
    }
  });

  it(`locks ${RELEASES} releases, and again after a start`, async () => {
    await lockAll(room, seeded);
    await areLocked(room, seeded);
    await room.stopLocker();
    await room.startLocker({ memory: group });
    const last = configMapPath(NAMESPACE, names.at(-1) ?? "");
    await isReverted(room, last, byPatch(room, last, { data: { color: "red" } }));
    isWithinLimit(room, group);
  });

  it(`reverts a storm of ${RELEASES * OBJECTS} edits`, async () => {
    await editAll();
    await areRestored();
    isWithinLimit(room, group);
  });

  it("reverts what was changed of every object while it was down", async () => {
    await room.stopLocker();
    await editAll();
    await room.startLocker({ memory: group });
    await areRestored();
    isWithinLimit(room, group);
  });

  function editAll(): Promise<void> {
    return inParallel(names, name =>
      room.api.edit(configMapPath(NAMESPACE, name), { data: { color: "red" } }),
    );
  }

  async function areRestored(): Promise<void> {
    const watch = await watchObjects(room);
    try {
      await watch.until(
        objects => names.every(name => dataOf(objects.get(name)).color === "blue"),
        "the revert of every edit",
      );
    } finally {
      watch.close();
    }
  }

  it(`locks a release beside ${RECORDS} records of others, and says that it can't remember all`, async () => {
    await room.kubectl("create", "namespace", "crowded");
    const path = collection("v1", "configmaps", "crowded");
    const labels = (name: string) => ({ owner: "helm", name, status: "deployed", version: "1" });
    const releases = Array.from({ length: RECORDS }, (_, index) => `a${index}`);
    await inParallel(releases, name =>
      room.api.create(path, configMap(`sh.helm.release.v1.${name}.v1`, {}, { labels: labels(name) })),
    );
    const warning = await room.locker.waitForLog(line => line.namespace === "crowded");
    assert.match(warning.message, /more release records than are remembered/);
    const templates = { settings: configMap("settings", { color: "blue" }) };
    await room.install("web", { templates }, "--namespace=crowded");
    await lock(room, "web", { namespace: "crowded" });
    const settings = configMapPath("crowded", "settings");
    for (const color of ["red", "green"]) {
      await isReverted(room, settings, byPatch(room, settings, { data: { color } }));
      await room.stopLocker();
      await room.startLocker({ memory: group });
    }
    await isLocked(room, "web");
    isWithinLimit(room, group);
  });
});
