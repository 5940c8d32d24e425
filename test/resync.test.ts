import { after, before, describe, it } from "node:test";
import { configMap, configMapPath, content, type Body } from "../hack/lib/objects";
import {
  helmRelease,
  helmReleasePath,
  isLocked,
  lock,
  register,
  untilStatus,
} from "../hack/locker/helm-release";
import { byPatch, isContent, isReverted, postSentinel, stands, type Change } from "./support/changes";
import type { Chart } from "./support/chart";
import { isServed } from "./support/definitions";
import { isWatch, isWatchOf, type Matches } from "./support/faults";
import { FaultyRoom } from "./support/faulty-room";
import { NAMESPACE, type Room } from "./support/room";

/** How often the locker compares, in seconds. */
const INTERVAL = 3;

/** How soon it finds what it was not told, in milliseconds: a round may have just begun, and a watch gets as long to catch up. */
const FOUND = 4 * INTERVAL * 1000;

/** Writes that make the cluster's history longer than what follows a restore. */
const WRITES = 300;

const settings = configMapPath(NAMESPACE, "settings");

const chart = (color: string): Chart => ({
  templates: { settings: configMap("settings", { color }), frame: configMap("frame", { material: "oak" }) },
});

describe("what no event has told", () => {
  let faulty: FaultyRoom;
  let room: Room;
  let blue: Body;
  before(async () => {
    faulty = await FaultyRoom.open({ HELM_LOCKER_RESYNC_INTERVAL: String(INTERVAL) }, async ({ room }) => {
      await postSentinel(room);
      await room.install("web", chart("blue"));
      await lock(room, "web");
    });
    room = faulty.room;
    blue = content(await room.api.read(settings));
  });
  after(() => faulty.close());

  const changes: Record<string, () => Change> = {
    "an edit": () => byPatch(room, settings, { data: { color: "red" } }),
    "a deletion": () => () => room.api.delete(settings),
    "an addition to an object that has lost its managers": () =>
      byPatch(room, settings, { metadata: { managedFields: [{}] }, data: { extra: "red" } }),
    "an edit of an object that has lost Helm's label": () =>
      byPatch(room, settings, {
        metadata: { labels: { "app.kubernetes.io/managed-by": null } },
        data: { color: "red" },
      }),
  };
  for (const [what, change] of Object.entries(changes)) {
    it(`is found: ${what}`, async () => {
      await untold(isWatchOf("configmaps"), change(), () => isContent(room, settings, blue, FOUND));
      await isLocked(room, "web");
      await isReverted(room, settings, byPatch(room, settings, { data: { color: "red" } }));
    });
  }

  it("is found: an upgrade that changes no object", async () => {
    await untold(
      isWatchOf("secrets"),
      () => room.install("web", chart("blue")),
      async () => {
        await untilStatus(room, "web", ({ version, state }) => version === 2 && state === "Deployed", FOUND);
      },
    );
    await isLocked(room, "web");
    await isReverted(room, settings, byPatch(room, settings, { data: { color: "red" } }));
  });

  it("is found: a HelmRelease, and its end", async () => {
    const { release, settings: fresh } = await room.installFresh();
    await untold(
      isWatchOf("helmreleases"),
      () => register(room, helmRelease(release)),
      async () => {
        await isLocked(room, release, FOUND);
        await isReverted(room, fresh, byPatch(room, fresh, { data: { color: "red" } }));
        await room.api.delete(helmReleasePath(release));
        await room.locker.waitForLog(
          ({ message, helmRelease }) => message === "HelmRelease no longer locks" && helmRelease === release,
        );
      },
    );
    await stands(room, fresh, byPatch(room, fresh, { data: { color: "red" } }));
  });

  it("is found: etcd was restored from an older copy", async () => {
    await room.install("web", chart("blue"));
    await untilStatus(room, "web", ({ version }) => version === 3);
    const restore = await room.controlPlane.backUp();
    await isServed(room, "helmreleases.helm.cattle.io");
    await isLocked(room, "web");
    await room.install("busy", { templates: { busy: configMap("busy", {}) } });
    for (let count = 0; count < WRITES; count++)
      await room.api.edit(configMapPath(NAMESPACE, "busy"), { data: { count: String(count) } });
    await room.install("web", chart("yellow"));
    await untilStatus(room, "web", ({ version }) => version === 4);
    await untold(
      isWatch,
      async () => {
        await restore();
        await isServed(room, "helmreleases.helm.cattle.io");
        await room.api.edit(settings, { data: { color: "red" } });
      },
      () => isContent(room, settings, blue, FOUND),
    );
    await untilStatus(room, "web", ({ version, state }) => version === 3 && state === "Deployed");
    await isLocked(room, "web");
    await isReverted(room, settings, byPatch(room, settings, { data: { color: "red" } }));
  });

  /** Makes a change of which no watch tells, and waits until it is found. */
  async function untold(watches: Matches, change: Change, isFound: () => Promise<void>): Promise<void> {
    const lost = faulty.proxy.loseEvents(watches);
    try {
      await change();
      await lost.met();
      await isFound();
    } finally {
      lost.end();
    }
  }
});
