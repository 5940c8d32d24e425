import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { configMap, configMapPath } from "../hack/lib/objects";
import { lock } from "../hack/locker/helm-release";
import { isCall, isWriteTo } from "./support/faults";
import { FaultyRoom } from "./support/faulty-room";
import { inTime } from "./support/in-time";
import { NAMESPACE } from "./support/room";

/** The promised limit: milliseconds from SIGTERM to the end. */
const PROMISED = 2_000;

const settings = configMapPath(NAMESPACE, "settings");

describe("a locker that is asked to end while the API server does not answer", () => {
  let faulty: FaultyRoom;
  before(async () => {
    faulty = await FaultyRoom.open();
    await faulty.room.install("web", { templates: { settings: configMap("settings", { color: "blue" }) } });
    await lock(faulty.room, "web");
  });
  after(() => faulty.close());

  async function endsInTime(): Promise<void> {
    assert.equal(await inTime(faulty.room, settings, faulty.locker.stop(), PROMISED), 0);
  }

  it("ends in time in the midst of a write, which is made again afterwards", async () => {
    const stall = faulty.proxy.stall(isWriteTo(settings), "request");
    await faulty.room.api.edit(settings, { data: { color: "red" } });
    await stall.held();
    await endsInTime();
    await stall.release();
    await faulty.startLocker();
    await faulty.room.kubectl(
      "wait",
      "configmap/settings",
      "--for=jsonpath={.data.color}=blue",
      "--timeout=60s",
    );
  });

  it("ends in time before it was ready", async () => {
    await faulty.locker.stop();
    const stall = faulty.proxy.stall(isCall, "request");
    const started = faulty.startLocker();
    started.catch(() => undefined);
    await stall.held();
    await endsInTime();
    await stall.release();
    await assert.rejects(started, /ended with exit code 0/);
  });
});
