import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { collection, configMap, configMapPath, type Body } from "../hack/lib/objects";
import { patiently } from "../hack/lib/patience";
import { isLocked } from "../hack/locker/helm-release";
import { byPatch, isReverted, openLocked, sentinelReverted } from "./support/changes";
import { NAMESPACE, type Room } from "./support/room";

const settings = configMapPath(NAMESPACE, "settings");

const complete = { owner: "helm", name: "web", status: "deployed", version: "9" };

/** Objects with the label of Helm's records that are not records. */
const others: Record<string, [plural: string, body: Body]> = {
  "a copy of a record under another name": [
    "secrets",
    { kind: "Secret", type: "helm.sh/release.v1", metadata: { name: "backup-of-web", labels: complete } },
  ],
  "a Secret of another type, without a revision": [
    "secrets",
    {
      kind: "Secret",
      type: "example.com/release",
      metadata: { name: "web-state", labels: { owner: "helm", name: "web" } },
    },
  ],
  "a ConfigMap with a record's name, and nothing of a record but that": [
    "configmaps",
    { kind: "ConfigMap", metadata: { name: "sh.helm.release.v1.web.v9", labels: { owner: "helm" } } },
  ],
};

describe("what passes for a release record and is none", () => {
  let room: Room;
  before(async () => {
    room = await openLocked({ templates: { settings: configMap("settings", { color: "blue" }) } });
  });
  after(() => room.close());

  for (const [what, [plural, body]] of Object.entries(others)) {
    it(`is warned of once and ignored: ${what}`, async () => {
      const path = collection("v1", plural, NAMESPACE);
      const { metadata } = await room.api.create(path, { apiVersion: "v1", ...body });
      for (const note of ["once", "twice"]) {
        await room.api.edit(`${path}/${metadata.name}`, { metadata: { annotations: { note } } });
      }
      const record = `${NAMESPACE}/${metadata.name}`;
      const { level, message } = await patiently(
        room.locker.waitForLog(line => line.record === record),
        "a warning",
      );
      assert.equal(level, "warn");
      assert.match(message, /no release record.*ignored/);

      await sentinelReverted(room);
      assert.equal(room.locker.logs.filter(line => line.record === record).length, 1);
      const { version } = await isLocked(room, "web");
      assert.equal(version, 1);
      await isReverted(room, settings, byPatch(room, settings, { data: { color: "red" } }));
    });
  }
});
