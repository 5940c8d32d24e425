import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { collection, configMap, configMapPath, content, type Body } from "../hack/lib/objects";
import { lock } from "../hack/locker/helm-release";
import { isContent } from "./support/changes";
import { NAMESPACE, Room } from "./support/room";

const settings = configMapPath(NAMESPACE, "settings");
const page = configMapPath(NAMESPACE, "page");

const reader = `${collection("rbac.authorization.k8s.io/v1", "clusterroles")}/reader`;

const clusterRole: Body = {
  apiVersion: "rbac.authorization.k8s.io/v1",
  kind: "ClusterRole",
  metadata: { name: "reader" },
  rules: [{ apiGroups: [""], resources: ["pods"], verbs: ["get"] }],
};

const chart = {
  templates: {
    settings: configMap("settings", { color: "blue" }),
    page: configMap("page", { title: "Welcome" }),
    clusterRole,
  },
};

describe("a locker that is away for a while", () => {
  let room: Room;
  before(async () => {
    room = await Room.open();
    await room.install("web", chart);
    await lock(room, "web");
  });
  after(() => room.close());

  it("ends cleanly on SIGTERM, and restores what was changed meanwhile when it is back", async () => {
    await isRestoredAfter(async () => {
      assert.equal(await room.locker.stop(), 0);
    });
  });

  it("restores what was changed after it was killed", async () => {
    await isRestoredAfter(() => room.locker.kill());
  });

  it("restores what was changed and lost Helm's label meanwhile, also where it would not create it", async () => {
    const before = await room.api.read(reader);
    await room.locker.stop();
    const labels = { "app.kubernetes.io/managed-by": null };
    await room.api.edit(reader, { metadata: { labels }, rules: [] });
    await room.startLocker();
    await isContent(room, reader, content(before));
  });

  async function isRestoredAfter(end: () => Promise<unknown>): Promise<void> {
    const before = { settings: await room.api.read(settings), page: await room.api.read(page) };
    await end();
    await room.api.edit(settings, { data: { color: "red" } });
    await room.api.delete(page);
    await room.startLocker();
    await isContent(room, settings, content(before.settings));
    await isContent(room, page, content(before.page));
  }
});
