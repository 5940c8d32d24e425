import { after, before, describe, it } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { collection, configMap } from "../hack/lib/objects";
import { helmReleasesSettled } from "../hack/locker/helm-release";
import type { Refusal } from "./support/fault-proxy";
import { isCall, isWatch, isWatchFrom, isWrite } from "./support/faults";
import { FaultyRoom } from "./support/faulty-room";
import { Fleet } from "./support/fleet";
import { NAMESPACE } from "./support/room";

/** How long a storm lasts, in milliseconds. */
const STORM = 3_000;

/** How long the API server is without its database, in milliseconds. */
const ETCD_OUTAGE = 15_000;

/** How often every watch is cut, in milliseconds. */
const CUT_INTERVAL = 2_000;

describe("every object is as Helm made it after", () => {
  let faulty: FaultyRoom;
  let fleet: Fleet;
  before(async () => {
    faulty = await FaultyRoom.open();
    fleet = await Fleet.launch(faulty.room);
  });
  after(() => faulty.close());

  it("etcd was stopped for 15 s", async () => {
    const { controlPlane } = faulty.room;
    const stall = faulty.proxy.stall(isWrite, "request");
    await fleet.drift();
    await stall.held();
    await controlPlane.stopEtcd();
    const answers = stall.release();
    await delay(ETCD_OUTAGE);
    await controlPlane.startEtcd();
    await answers;
    await fleet.isRestored();
  });

  it("watches were cut every 2 s under edits", async () => {
    for (let round = 0; round < 3; round += 1) {
      faulty.proxy.cut(isWatch);
      await fleet.drift();
      await delay(CUT_INTERVAL);
    }
    await fleet.drift();
    await fleet.isRestored();
  });

  it("every watch was told that its state has expired", async () => {
    const newest = configMap("newest", {});
    const { metadata } = await faulty.room.api.create(collection("v1", "configmaps", NAMESPACE), newest);
    faulty.proxy.refuse(isWatchFrom(metadata.resourceVersion), { status: 410 });
    faulty.proxy.expireWatches();
    await fleet.drift();
    await fleet.isRestored();
  });

  const storms: Record<string, Refusal> = {
    "too many requests": { status: 429, retryAfter: 1, rate: 0.7 },
    "internal errors": { status: 500, rate: 0.7 },
    conflicts: { status: 409, rate: 0.7 },
  };
  for (const [what, refusal] of Object.entries(storms)) {
    it(`a storm of ${what}`, async () => {
      const refusing = faulty.proxy.refuse(refusal.status === 409 ? isWrite : isCall, refusal);
      await fleet.drift();
      await refusing.met();
      await delay(STORM);
      await fleet.drift();
      refusing.end();
      await fleet.isRestored();
    });
  }

  it("connections were cut before the answers to writes came", async () => {
    const stall = faulty.proxy.stall(isWrite, "answer");
    await fleet.drift();
    await stall.held();
    faulty.proxy.cut(isWrite);
    await stall.release();
    await fleet.isRestored();
  });

  it("the locker was killed five times in the midst of a storm", async () => {
    for (let kill = 0; kill < 5; kill += 1) {
      const stall = faulty.proxy.stall(isWrite, kill % 2 === 0 ? "request" : "answer");
      await fleet.drift();
      await stall.held();
      await faulty.locker.kill();
      await stall.release();
      await fleet.drift();
      await faulty.startLocker();
    }
    await fleet.isRestored();
  });

  it("all of that, and hears of HelmReleases still", async () => {
    await helmReleasesSettled(faulty.room);
  });
});
