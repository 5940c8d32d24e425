import { after, before, describe, it } from "node:test";
import { configMap, configMapPath, content, type Body } from "../hack/lib/objects";
import { isLocked, lock, untilStatus } from "../hack/locker/helm-release";
import { byPatch, isContent, isRecreated, isReverted, openLocked, worksAgain } from "./support/changes";
import type { Chart } from "./support/chart";
import { isServed } from "./support/definitions";
import { AFTER_OUTAGE } from "./support/in-time";
import { NAMESPACE, type Room } from "./support/room";

const chart = (color: string): Chart => ({
  templates: { settings: configMap("settings", { color }), other: configMap("other", { color }) },
});

const settings = configMapPath(NAMESPACE, "settings");
const other = configMapPath(NAMESPACE, "other");

const HELM_RELEASES = "helmreleases.helm.cattle.io";

/** Writes that make the cluster's history longer than what follows a restore. */
const WRITES = 300;

describe("etcd restored from an older copy while the locker runs", () => {
  let room: Room;
  let restore: () => Promise<void>;
  let blue: Body;

  before(async () => {
    room = await openLocked(chart("blue"));
    blue = content(await room.api.read(settings));
    restore = await room.controlPlane.backUp();
    await isServed(room, HELM_RELEASES);
    await isLocked(room, "web");
    await room.install("busy", { templates: { busy: configMap("busy", {}) } });
    for (let count = 0; count < WRITES; count++) {
      await room.api.edit(configMapPath(NAMESPACE, "busy"), { data: { count: String(count) } });
    }
    await room.install("web", chart("green"));
    await untilStatus(room, "web", ({ version }) => version === 2);
    await restore();
    await isServed(room, HELM_RELEASES);
  });
  after(() => room.close());

  it("locks what the release tracks in that copy, and says so", async () => {
    await worksAgain(room);
    await untilStatus(
      room,
      "web",
      ({ version, state }) => version === 1 && state === "Deployed",
      AFTER_OUTAGE,
    );
    await isLocked(room, "web", AFTER_OUTAGE);
    await isContent(room, settings, blue);
  });

  it("reverts edits and deletions again", async () => {
    await isReverted(room, settings, byPatch(room, settings, { data: { color: "red" } }));
    await isRecreated(room, other);
    await isLocked(room, "web", AFTER_OUTAGE);
  });

  it("follows Helm again, and locks what is registered from then on", async () => {
    await room.install("web", chart("yellow"));
    await untilStatus(room, "web", ({ version }) => version === 2, AFTER_OUTAGE);
    await isReverted(room, settings, byPatch(room, settings, { data: { color: "red" } }));
    const { release, settings: fresh } = await room.installFresh();
    await lock(room, release);
    await isReverted(room, fresh, byPatch(room, fresh, { data: { color: "red" } }));
  });
});
