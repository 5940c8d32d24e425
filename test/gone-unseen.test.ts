import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { collection, configMap, configMapPath, dataOf, type Body } from "../hack/lib/objects";
import { hasProblems, isLocked, lock } from "../hack/locker/helm-release";
import { helms } from "./support/both-helms";
import { becomes, byPatch, isReverted, openLocked, postSentinel, staysAway } from "./support/changes";
import { writeChart } from "./support/chart";
import { isWatchFrom, type Matches } from "./support/faults";
import { FaultyRoom } from "./support/faulty-room";
import { NAMESPACE, type Room } from "./support/room";

const JOBS = collection("batch/v1", "jobs", NAMESPACE);

function job(name: string): Body {
  const template = { spec: { restartPolicy: "Never", containers: [{ name: "work", image: "busybox" }] } };
  return { apiVersion: "batch/v1", kind: "Job", metadata: { name }, spec: { template } };
}

describe("a Job that is gone when a watch that was blind sees again", () => {
  const names = ["finished", "running"];
  let faulty: FaultyRoom;
  before(async () => {
    faulty = await FaultyRoom.open({}, async ({ room }) => {
      await postSentinel(room);
      await room.install("web", {
        templates: Object.fromEntries(names.map(name => [name, job(name)])),
      });
      await lock(room, "web");
    });
  });
  after(() => faulty.close());

  it("is not run again: nobody knows whether it had finished", async () => {
    const { room, proxy } = faulty;
    for (const name of names) await room.api.edit(`${JOBS}/${name}/status`, { status: { active: 1 } });
    const ofJobs: Matches = ({ path }) => path.endsWith("/jobs");
    const blind = proxy.refuse(ofJobs, { status: 503 });
    proxy.cut(ofJobs);
    await blind.met();
    const now = new Date().toISOString();
    const conditions = ["SuccessCriteriaMet", "Complete"].map(type => ({
      type,
      status: "True",
      lastTransitionTime: now,
    }));
    const status = { startTime: now, completionTime: now, active: 0, succeeded: 1, conditions };
    await room.api.edit(`${JOBS}/finished/status`, { status });
    for (const name of names) await room.api.delete(`${JOBS}/${name}?propagationPolicy=Background`);
    const { metadata } = await room.api.create(
      collection("v1", "configmaps", NAMESPACE),
      configMap("later", {}),
    );
    proxy.refuse(isWatchFrom(metadata.resourceVersion), { status: 410 });
    blind.end();
    await isLocked(room, "web");
    for (const name of names) await staysAway(room, `${JOBS}/${name}`);
    await isLocked(room, "web");
  });
});

for (const helm of helms) {
  describe(`an object of a locked release that another, unlocked one of ${helm} has taken over`, () => {
    const shared = configMapPath(NAMESPACE, "shared");
    const own = configMapPath(NAMESPACE, "own");
    let room: Room;
    before(async () => {
      room = await openLocked({
        templates: { shared: configMap("shared", { from: "web" }), own: configMap("own", { a: "1" }) },
      });
      const templates = { shared: configMap("shared", { from: "other" }) };
      const folder = await writeChart(room.controlPlane.directory, "other", { templates });
      const flags = ["--namespace", NAMESPACE, "--take-ownership"];
      const force = helm === "helm4" ? ["--force-conflicts"] : [];
      await room.locker.stop();
      await room.controlPlane[helm](["install", "other", folder, ...flags, ...force]);
      await room.startLocker();
      await hasProblems(room, "web", said => said.includes("shop/other"));
    });
    after(() => room.close());

    it("stays away once that one is uninstalled", async () => {
      await room.controlPlane[helm](["uninstall", "other", "--namespace", NAMESPACE]);
      await staysAway(room, shared);
      await hasProblems(room, "web", said => /ConfigMap shop\/shared: .*was another release's/.test(said));
    });

    it("stays away after a restart, too", async () => {
      await room.locker.stop();
      await room.startLocker();
      await hasProblems(room, "web", said => said.includes("was another release's"));
      await staysAway(room, shared);
      await isReverted(room, own, byPatch(room, own, { data: { a: "2" } }));
    });

    it("is locked again once Helm has made it again", async () => {
      await room.install("web", {
        templates: { shared: configMap("shared", { from: "web" }), own: configMap("own", { a: "1" }) },
      });
      await isLocked(room, "web");
      await isReverted(room, shared, byPatch(room, shared, { data: { from: "hand" } }));
      const { uid } = (await room.api.read(shared)).metadata;
      await room.api.delete(shared);
      const back = await becomes(room, shared, now => now !== undefined && now.metadata.uid !== uid);
      assert.equal(dataOf(back).from, "web");
    });
  });
}
