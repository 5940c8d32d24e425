import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { collection, configMap, configMapPath, type Body } from "../hack/lib/objects";
import { isLocked, isUnlocked } from "../hack/locker/helm-release";
import {
  byPatch,
  isReverted,
  openLocked,
  sentinelReverted,
  stands,
  staysAway,
  type Change,
} from "./support/changes";
import { NAMESPACE, type Room } from "./support/room";

const settings = configMapPath(NAMESPACE, "settings");
const page = configMapPath(NAMESPACE, "page");
const volumePath = `${collection("v1", "persistentvolumeclaims", NAMESPACE)}/volume`;
const everything = [settings, page, volumePath];

const keep = { "helm.sh/resource-policy": "keep" };

const claim: Body = {
  apiVersion: "v1",
  kind: "PersistentVolumeClaim",
  metadata: { name: "volume", annotations: keep },
  spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } } },
};

const web = {
  settings: configMap("settings", { color: "blue" }),
  page: configMap("page", { title: "Welcome" }, { annotations: keep }),
  volume: claim,
};

describe("what outlives its release", () => {
  let room: Room;
  before(async () => {
    room = await openLocked({ templates: web });
  });
  after(() => room.close());

  it("stays when an uninstallation keeps it", async () => {
    await isReverted(room, page, edit());
    await areUntouched([page, volumePath], async () => {
      await room.helm("uninstall", "web");
      await isUnlocked(room, "web", "SecretNotFound");
    });
    await staysAway(room, settings);
    await stands(room, page, edit());
  });

  it("is locked again when a new installation takes it over", async () => {
    await room.install("web", { templates: web });
    await isLocked(room, "web");
    await isReverted(room, page, edit());
  });

  it("stays when an upgrade drops it from the chart but keeps it", async () => {
    const { settings, volume } = web;
    await areUntouched([page, volumePath], async () => {
      await room.install("web", { templates: { settings, volume } });
      await isLocked(room, "web");
    });
    await stands(room, page, edit());
  });

  it("stays when an uninstallation keeps the history", async () => {
    await areUntouched([page, volumePath], async () => {
      await room.helm("uninstall", "web", "--keep-history");
      await isUnlocked(room, "web", "Uninstalled");
    });
    await stands(room, page, edit("By hand again"));
  });

  it("stays when the record disappears", async () => {
    await room.helm("rollback", "web", "1");
    await isLocked(room, "web");
    await areUntouched(everything, async () => {
      await room.kubectl("delete", "secret", "--selector=owner=helm,name=web");
      await isUnlocked(room, "web", "SecretNotFound");
    });
    await stands(room, settings, byPatch(room, settings, { data: { color: "red" } }));
    await room.api.delete(settings);
    await staysAway(room, settings);
  });

  function edit(title = "By hand"): Change {
    return byPatch(room, page, { data: { title } });
  }

  /** Proves that nobody even writes these objects while something happens. */
  async function areUntouched(paths: string[], happens: () => Promise<void>): Promise<void> {
    const before = await Promise.all(paths.map(path => room.api.read(path)));
    await happens();
    await sentinelReverted(room);
    assert.deepEqual(await Promise.all(paths.map(path => room.api.read(path))), before);
  }
});
