import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { AuditEvent } from "../hack/clusters/control-plane/audit";
import { configMap } from "../hack/lib/objects";
import { freePort } from "../hack/lib/ports";
import { helmReleasePath, lock } from "../hack/locker/helm-release";
import { isCall, type Matches } from "./support/faults";
import { FaultyRoom } from "./support/faulty-room";

/** The list that the watch of the release's objects begins with. */
const isFirstList: Matches = request =>
  isCall(request) &&
  request.path.endsWith("/configmaps") &&
  request.query.get("labelSelector") === "app.kubernetes.io/managed-by=Helm";

/** The first list of release records. */
const isRecordList: Matches = request =>
  isCall(request) &&
  request.path.endsWith("/secrets") &&
  request.query.get("labelSelector")?.startsWith("owner=helm") === true;

describe("what a locker answers over HTTP", () => {
  let faulty: FaultyRoom;
  let url: string;
  before(async () => {
    const port = await freePort();
    url = `http://127.0.0.1:${port}`;
    faulty = await FaultyRoom.open({ PORT: String(port) });
    await faulty.room.install("web", { templates: { settings: configMap("settings", { color: "blue" }) } });
    await lock(faulty.room, "web");
  });
  after(() => faulty.close());

  async function ask(path: string): Promise<[status: number, text: string]> {
    const reply = await fetch(url + path);
    return [reply.status, await reply.text()];
  }

  it("is ready once every watch is synced, and not before", async () => {
    await faulty.locker.stop();
    const stall = faulty.proxy.stall(isFirstList, "answer");
    const started = faulty.startLocker();
    started.catch(() => undefined);
    await stall.held();
    assert.equal((await ask("/livez"))[0], 200);
    assert.equal((await ask("/readyz"))[0], 503);
    await stall.release();
    await started;
    assert.equal((await ask("/readyz"))[0], 200);
  });

  it("is ready without a HelmRelease, too, though release records are listed last", async () => {
    const { room, proxy, locker } = faulty;
    await locker.stop();
    await room.api.delete(helmReleasePath("web"));
    const stall = proxy.stall(isRecordList, "answer");
    const before = new Date().toISOString();
    const started = faulty.startLocker();
    started.catch(() => undefined);
    await stall.held();
    await room.untilAudited(event => event.requestReceivedTimestamp > before && isHelmReleaseWatch(event));
    assert.equal((await ask("/readyz"))[0], 503);
    await stall.release();
    await started;
    assert.equal((await ask("/readyz"))[0], 200);
    await lock(room, "web");
  });

  it("shows its own metrics and those of Pepr's runtime", async () => {
    const [, metrics] = await ask("/metrics");
    assert.match(metrics, /^helm_locker_releases\{state="Deployed"\} 1$/m);
    assert.match(metrics, /^# TYPE pepr_resync_failure_count gauge$/m);
  });
});

function isHelmReleaseWatch({ verb, objectRef }: AuditEvent): boolean {
  return verb === "watch" && objectRef?.resource === "helmreleases";
}
