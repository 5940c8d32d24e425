import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { collection, configMap, configMapPath, type Body } from "../hack/lib/objects";
import { hasProblems, isLocked, lock } from "../hack/locker/helm-release";
import { requestsToWrite } from "./support/audit";
import { helms, installWith } from "./support/both-helms";
import { becomes, byPatch } from "./support/changes";
import { unseen } from "./support/hands";
import { LATENESS, REVERT, STATUS } from "./support/in-time";
import { NAMESPACE, Room } from "./support/room";

const labels = { tier: "back" };
const claim: Body = {
  apiVersion: "v1",
  kind: "PersistentVolumeClaim",
  metadata: { name: "disk", labels },
  spec: {
    accessModes: ["ReadWriteOnce"],
    storageClassName: "elastic",
    resources: { requests: { storage: "1Gi" } },
  },
};
const fixed = configMap("fixed", { color: "blue", size: "big" }, { labels });
const both = configMap("both", { color: "blue" }, { labels });

/** How soon a refused repair has begun to back off, in milliseconds, and how many writes it may take until then. */
const EARLY = 3_000;
const MOST = 5;

/** What is tried piece by piece waits for up to three times as many answers. */
const TRIED = REVERT + 2 * LATENESS;
const TOLD = STATUS + 2 * LATENESS;

const claimPath = `${collection("v1", "persistentvolumeclaims", NAMESPACE)}/disk`;

/** What can't be undone, of which object, and what the status says about it. */
const refusals: Record<string, { path: string; change: Body; status?: Body; words: RegExp }> = {
  "a bound claim that was expanded": {
    path: claimPath,
    change: { spec: { resources: { requests: { storage: "2Gi" } } } },
    status: { phase: "Bound", capacity: { storage: "2Gi" }, accessModes: ["ReadWriteOnce"] },
    words: /PersistentVolumeClaim shop\/disk: .*can not be less than status.capacity/,
  },
  "immutable: true": {
    path: configMapPath(NAMESPACE, "fixed"),
    change: { immutable: true, data: { color: "red" } },
    words: /ConfigMap shop\/fixed: .*field is immutable when `immutable` is set/,
  },
  "immutable: true, set with a label": {
    path: configMapPath(NAMESPACE, "both"),
    change: { metadata: { labels: { tier: "front" } }, immutable: true, data: { color: "red" } },
    words: /ConfigMap shop\/both: .*field is immutable when `immutable` is set/,
  },
};

for (const helm of helms)
  describe(`an object that ${helm} installed, and of which something can't be put right`, () => {
    let room: Room;
    let upgrade: () => Promise<string>;
    before(async () => {
      room = await Room.open();
      await room.api.create(collection("storage.k8s.io/v1", "storageclasses"), {
        apiVersion: "storage.k8s.io/v1",
        kind: "StorageClass",
        metadata: { name: "elastic" },
        provisioner: "example.com/none",
        allowVolumeExpansion: true,
      });
      upgrade = await installWith(room, helm, { templates: { claim, fixed, both } });
      await lock(room, "web");
    });
    after(() => room.close());

    for (const [what, { path, change, status, words }] of Object.entries(refusals)) {
      const hasLabel = (bound?: number) =>
        becomes(room, path, now => now?.metadata.labels?.tier === "back", bound);

      it(`${what}: is told in one line that a person can read`, async () => {
        await unseen(room, async () => {
          if (status) await room.api.edit(`${path}/status`, { status: { phase: "Bound" } });
          await room.api.edit(path, change);
          if (status) await room.api.edit(`${path}/status`, { status });
        });
        const message = await hasProblems(room, "web", said => words.test(said), TOLD);
        assert.doesNotMatch(message, /\n|\{/);
        assert.ok(message.length < 1500, message);
        await hasLabel(TRIED);
      });

      it(`${what}: another change goes back at once, and so does the object`, async () => {
        for (const tier of ["front", "side"]) {
          await byPatch(room, path, { metadata: { labels: { tier } } })();
          await hasLabel();
        }
        const { uid } = (await room.api.read(path)).metadata;
        await room.api.edit(path, { metadata: { finalizers: null } });
        await room.api.delete(path);
        await becomes(room, path, now => now !== undefined && now.metadata.uid !== uid);
        await isLocked(room, "web", TOLD);
      });
    }

    it("is written seldom while that is refused", async () => {
      const path = configMapPath(NAMESPACE, "fixed");
      const tried = async () =>
        requestsToWrite(await room.controlPlane.auditLog(), room.lockerUser)
          .filter(
            ({ objectRef, responseStatus }) => objectRef?.name === "fixed" && responseStatus?.code === 422,
          )
          .map(({ requestReceivedTimestamp }) => Date.parse(requestReceivedTimestamp));
      const before = (await tried()).length;
      const begun = Date.now();
      await room.api.edit(path, { immutable: true });
      await room.untilAudited(
        ({ objectRef, responseStatus, requestReceivedTimestamp }) =>
          objectRef?.name === "fixed" &&
          responseStatus?.code === 422 &&
          Date.parse(requestReceivedTimestamp) > begun + EARLY,
      );
      const early = (await tried()).slice(before).filter(time => time < begun + EARLY);
      assert.ok(early.length <= MOST, `${early.length} refused writes in ${EARLY} ms`);
      await room.api.delete(path);
      await becomes(room, path, now => now !== undefined && !("immutable" in now), TRIED);
      await isLocked(room, "web", TOLD);
    });

    it("does not get into the way of an upgrade", async () => {
      await upgrade();
      await isLocked(room, "web");
    });
  });
