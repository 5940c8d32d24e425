import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { z } from "zod";
import { isRecordRead, requestsDuring } from "../hack/bench/requested";
import {
  collection,
  configMap,
  configMapPath,
  content,
  dataOf,
  kubeObject,
  type Body,
  type KubeObject,
} from "../hack/lib/objects";
import { isLocked, isUnlocked, lock, untilStatus } from "../hack/locker/helm-release";
import { helms } from "./support/both-helms";
import {
  byPatch,
  isContent,
  isReverted,
  isSentinelReverted,
  postSentinel,
  sentinelReverted,
  staysAway,
} from "./support/changes";
import { FaultyRoom } from "./support/faulty-room";
import type { Matches } from "./support/faults";
import { refusedService, writeChart, type Chart } from "./support/chart";
import { NAMESPACE, Room } from "./support/room";

const list = z.object({ items: z.array(kubeObject) });

type Driver = "secret" | "configmap";

const PLURALS = { secret: "secrets", configmap: "configmaps" };

describe("a release with records in both of Helm's storage drivers", () => {
  let room: Room;
  before(async () => {
    room = await Room.open(postSentinel);
  });
  after(() => room.close());

  for (const helm of helms) {
    describe(`of ${helm}`, () => {
      const release = `web-${helm}`;
      const settings = configMapPath(NAMESPACE, release);

      /** Helm's operations, by a driver. */
      async function run(driver: Driver, ...args: string[]): Promise<void> {
        const env = { HELM_DRIVER: driver };
        await room.controlPlane[helm](["--namespace", NAMESPACE, ...args], { env });
      }

      async function upgrade(driver: Driver, color: string, more: Chart["templates"] = {}): Promise<void> {
        const templates = { settings: configMap(release, { color }), ...more };
        const chart = await writeChart(room.controlPlane.directory, release, { templates });
        await run(driver, "upgrade", "--install", release, chart);
      }

      /** Shows that the release's objects are those of a revision, and that the status says so. */
      async function isLockedAt(revision: number, color: string): Promise<void> {
        await untilStatus(
          room,
          release,
          ({ version, state }) => version === revision && state === "Deployed",
        );
        const { version } = await isLocked(room, release);
        assert.equal(version, revision);
        await sentinelReverted(room);
        assert.deepEqual(dataOf(await room.api.read(settings)), { color });
        await isReverted(room, settings, byPatch(room, settings, { data: { color: "black" } }));
        await isReverted(room, settings, byPatch(room, settings, { data: { more: "black" } }));
      }

      before(async () => {
        await upgrade("secret", "blue");
        await lock(room, release);
        assert.equal(await recordReads(), 2, "of a release whose records are in one driver");
      });

      /** How many records are read for a revert. */
      async function recordReads(): Promise<number> {
        const requests = await requestsDuring(room, 1, () =>
          isReverted(room, settings, byPatch(room, settings, { data: { color: "black" } })),
        );
        return requests.filter(isRecordRead).length;
      }

      it("stays locked when its Secrets are copied to ConfigMaps, for one read more a revert", async () => {
        await copyRecords(room, release, "secret", "configmap");
        await isLockedAt(1, "blue");
        assert.equal(await recordReads(), 3);
      });

      it("keeps what an upgrade on ConfigMaps has made of it", async () => {
        await upgrade("configmap", "green");
        await isLockedAt(2, "green");
        await upgrade("configmap", "yellow");
        await isLockedAt(3, "yellow");
      });

      it("keeps it when a locker starts again, and reverts what was changed meanwhile", async () => {
        const before = await room.api.read(settings);
        await room.locker.stop();
        await room.api.edit(settings, { data: { color: "black" } });
        await room.startLocker();
        await isContent(room, settings, content(before));
        await isLockedAt(3, "yellow");
      });

      it("is not locked while its newest record is of a failed upgrade", async () => {
        await assert.rejects(upgrade("configmap", "pink", { refusedService }), /70000/);
        await isUnlocked(room, release, "Failed");
        await run("configmap", "rollback", release, "3");
        await isLockedAt(5, "yellow");
      });

      it("goes back to Secrets in the same way", async () => {
        await copyRecords(room, release, "configmap", "secret");
        await isLockedAt(5, "yellow");
        await upgrade("secret", "red");
        await isLockedAt(6, "red");
        await room.kubectl("delete", "configmap", "--selector", `owner=helm,name=${release}`);
        await isLockedAt(6, "red");
      });

      it("stays away once it is uninstalled, whatever copies are left", async () => {
        await copyRecords(room, release, "secret", "configmap");
        await upgrade("configmap", "white");
        await isLockedAt(7, "white");
        await run("configmap", "uninstall", release);
        await isUnlocked(room, release, "SecretNotFound");
        await staysAway(room, settings);
        // A locker that starts now could not know: to Helm, what the copies record is deployed.
        await room.kubectl("delete", "secret", "--selector", `owner=helm,name=${release}`);
      });
    });
  }
});

describe("a release with records in both drivers, of which the locker hears or reads late", () => {
  let faulty: FaultyRoom;
  before(async () => {
    faulty = await FaultyRoom.open({}, ({ room }) => postSentinel(room));
  });
  after(() => faulty.close());

  it("has its drift reverted when the newest record is copied to a driver of which it hears nothing more", async () => {
    const { room, proxy } = faulty;
    const { release, settings } = await room.installFresh();
    await copyRecords(room, release, "secret", "configmap");
    await lock(room, release);
    await sentinelReverted(room);
    const isCopyWatch: Matches = ({ path, query }) =>
      query.has("watch") &&
      path.endsWith("/configmaps") &&
      query.get("labelSelector")?.includes("owner=helm") === true;
    const down = proxy.refuse(isCopyWatch, { status: 503 });
    proxy.cut(isCopyWatch);
    await down.met();
    await room.install(release, { templates: { settings: configMap(release, { color: "green" }) } });
    await untilStatus(room, release, ({ version, state }) => version === 2 && state === "Deployed");
    await copyRecords(room, release, "secret", "configmap");
    await isReverted(room, settings, byPatch(room, settings, { data: { color: "black" } }));
    down.end();
    await sentinelReverted(room);
  });

  it("keeps what an upgrade in the other driver makes of it before the new record is read", async () => {
    const { room, proxy } = faulty;
    const { release, settings } = await room.installFresh();
    await copyRecords(room, release, "secret", "configmap");
    await lock(room, release);
    let reads = 0;
    const isFirstRead: Matches = ({ method, path }) =>
      method === "GET" && path.endsWith(`/configmaps/sh.helm.release.v1.${release}.v2`) && reads++ === 0;
    const late = proxy.stall(isFirstRead, "request");
    const chart = { templates: { settings: configMap(release, { color: "green" }) } };
    const folder = await writeChart(room.controlPlane.directory, release, chart);
    const upgrade = ["upgrade", release, folder, "--namespace", NAMESPACE];
    await room.controlPlane.helm(upgrade, { env: { HELM_DRIVER: "configmap" } });
    await late.held();
    await isSentinelReverted(room);
    assert.deepEqual(dataOf(await room.api.read(settings)), { color: "green" });
    await late.release();
    await untilStatus(room, release, ({ version, state }) => version === 2 && state === "Deployed");
    await isReverted(room, settings, byPatch(room, settings, { data: { color: "black" } }));
  });
});

/** Copies a release's records from one driver's kind to the other's, as somebody does who moves to it; those that are there stay. */
async function copyRecords(room: Room, release: string, from: Driver, to: Driver): Promise<void> {
  const [source, target] = [from, to].map(driver => collection("v1", PLURALS[driver], NAMESPACE));
  const query = `labelSelector=${encodeURIComponent(`owner=helm,name=${release}`)}`;
  const { items } = list.parse(await room.api.send("GET", `${source}?${query}`));
  for (const record of items) {
    const { name, labels } = record.metadata;
    if (await room.api.get(`${target}/${name}`)) continue;
    await room.api.create(`${target}`, { metadata: { name, labels }, ...payloadFor(to, record) });
  }
}

/** What a record holds. A Secret's data is in base64, once more. */
function payloadFor(driver: Driver, record: KubeObject): Body {
  const { release = "" } = dataOf(record);
  if (driver === "configmap") return { data: { release: Buffer.from(release, "base64").toString() } };
  return { type: "helm.sh/release.v1", stringData: { release } };
}
