import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { isObjectWrite, requestsOf } from "../hack/bench/requested";
import { storm } from "../hack/bench/drift";
import { areLocked, watchObjects } from "../hack/bench/stand";
import { lockAll, seed } from "../hack/bench/seed";
import type { AuditEvent } from "../hack/clusters/control-plane/audit";
import { collection, configMap, configMapPath, type Body } from "../hack/lib/objects";
import { lock } from "../hack/locker/helm-release";
import { byPatch, isRecreated, isReverted, openLocked, sentinelReverted } from "./support/changes";
import type { Chart } from "./support/chart";
import { deny } from "./support/policy";
import { NAMESPACE, Room } from "./support/room";
import { isToldOn, untilHistory, type ToldEvent } from "./support/told";

const urgent: Body = {
  apiVersion: "scheduling.k8s.io/v1",
  kind: "PriorityClass",
  metadata: { name: "urgent" },
  value: 7,
};
const odd: Body = {
  apiVersion: "rbac.authorization.k8s.io/v1",
  kind: "Role",
  metadata: { name: "system:Odd_Name:" },
  rules: [],
};
const chart: Chart = { templates: { settings: configMap("settings", { color: "blue" }), urgent, odd } };

const settings = configMapPath(NAMESPACE, "settings");
const urgentPath = `${collection("scheduling.k8s.io/v1", "priorityclasses")}/urgent`;
const oddPath = `${collection("rbac.authorization.k8s.io/v1", "roles", NAMESPACE)}/system:Odd_Name:`;

const ADVICE =
  "Helm release shop/web is locked. To change it: helm upgrade web -n shop, or suspend the lock: " +
  `kubectl patch hrl web -n cattle-helm-system --type=merge -p '{"spec":{"suspend":true}}'`;

/** Whether a request writes an Event on an object, rather than on a HelmRelease. */
function isEventOn(namespace: string) {
  return ({ objectRef }: AuditEvent): boolean =>
    objectRef?.resource === "events" && objectRef.namespace === namespace;
}

/** Whether a request writes the status of a HelmRelease. */
function isStatusOf(release: string) {
  return ({ objectRef }: AuditEvent): boolean =>
    objectRef?.subresource === "status" && objectRef.name === release;
}

describe("an Event on the object that was reverted", () => {
  let room: Room;
  before(async () => {
    room = await openLocked(chart);
  });
  after(() => room.close());

  it("says what was restored, who had changed it, and how to change it", async () => {
    await isReverted(
      room,
      settings,
      byPatch(room, `${settings}?fieldManager=editor`, { data: { color: "red" } }),
    );
    const event = await isToldOn(room, await room.api.read(settings), NAMESPACE);
    assert.deepEqual([event.type, event.reason, event.count], ["Normal", "Reverted", 1]);
    assert.equal(event.message, `Restored /data/color (changed by editor): ${ADVICE}`);
  });

  it("is what kubectl describe shows", async () => {
    assert.match(
      await room.kubectl("describe", "configmap", "settings"),
      /Normal +Reverted .*Restored \/data\/color/,
    );
  });

  it("names the new object where it was deleted", async () => {
    await isRecreated(room, settings);
    const { message } = await isToldOn(room, await room.api.read(settings), NAMESPACE);
    assert.equal(message, `Made anew: ${ADVICE}`);
    assert.match(await room.kubectl("describe", "configmap", "settings"), /Reverted .*Made anew/);
  });

  it("is in namespace default where the object is in none", async () => {
    await isReverted(room, urgentPath, byPatch(room, urgentPath, { description: "mine" }));
    await isToldOn(room, await room.api.read(urgentPath), "default");
    assert.match(
      await room.kubectl("describe", "priorityclass", "urgent"),
      /Reverted .*Restored \/description/,
    );
  });

  it("has a name, whatever the object's name is", async () => {
    const rules = [{ apiGroups: [""], resources: ["pods"], verbs: ["get"] }];
    await isReverted(room, oddPath, byPatch(room, oddPath, { rules }));
    await isToldOn(room, await room.api.read(oddPath), NAMESPACE);
  });

  it("is written before the locker ends, even where others were written just now", async () => {
    for (const by of ["first", "second", "last"])
      await isReverted(
        room,
        settings,
        byPatch(room, `${settings}?fieldManager=${by}`, { data: { color: "red" } }),
      );
    await room.stopLocker();
    await isToldOn(room, await room.api.read(settings), NAMESPACE, ({ message }) => message.includes("last"));
    await room.startLocker();
  });

  it("is at most one a second", async () => {
    const { uid } = (await room.api.read(settings)).metadata;
    const path = `${settings}?fieldManager=busy`;
    for (let round = 0; round < 8; round++)
      await isReverted(room, settings, byPatch(room, path, { data: { color: "red" } }));
    const isLast = ({ message, count }: ToldEvent): boolean => message.includes("busy") && count === 8;
    await isToldOn(room, await room.api.read(settings), NAMESPACE, isLast);
    const written = (await requestsOf(room)).filter(isEventOn(NAMESPACE));
    const times = written
      .filter(({ requestObject }) => JSON.stringify(requestObject).includes(uid))
      .map(({ requestReceivedTimestamp }) => Date.parse(requestReceivedTimestamp));
    const gaps = times.slice(1).map((time, index) => time - (times[index] ?? 0));
    assert.ok(
      gaps.every(gap => gap > 900),
      gaps.join(),
    );
  });

  it("is given up where it is refused, is told of in one line of the log, and harms nothing", async () => {
    const [message, validation] = ["no Events here", "object.metadata.namespace != 'shop'"];
    const events = collection("v1", "events", NAMESPACE);
    const involvedObject = { kind: "ConfigMap", name: "settings", namespace: NAMESPACE };
    await room.api.create(events, { metadata: { name: "probe" }, involvedObject });
    const probe = { object: "event/probe", patch: { message: "?" } };
    await deny(room, { name: "quiet", apiGroup: "", resource: "events", validation, message, probe });
    for (const by of ["one", "other"]) {
      await isReverted(
        room,
        settings,
        byPatch(room, `${settings}?fieldManager=${by}`, { data: { color: "red" } }),
      );
      await room.untilAudited(
        request => isEventOn("shop")(request) && JSON.stringify(request.requestObject).includes(`by ${by})`),
      );
    }
    await sentinelReverted(room);
    const said = room.locker.logs.filter(({ message }) => message.includes("Events on objects"));
    assert.deepEqual(
      said.map(({ level, message, problem }) => [level, message, problem]),
      [["warn", "can't write Events on objects in namespace shop", "refused by the API server: 422 Invalid"]],
    );
  });
});

describe("a storm of 200 changes", () => {
  let room: Room;
  let events: AuditEvent[] = [];
  before(async () => {
    room = await Room.open();
    const seeded = await seed(room, { releases: 2, objects: 100 });
    await lockAll(room, seeded);
    await areLocked(room, seeded);
    const watch = await watchObjects(room);
    const before = (await requestsOf(room)).length;
    await storm(
      room,
      watch,
      seeded.flatMap(({ objects }) => objects),
    );
    watch.close();
    for (const { release } of seeded) await untilHistory(room, release, ({ length }) => length === 20);
    await room.untilAudited(isEventOn(NAMESPACE));
    // What is written of a release after the storm is in the audit log once a later release's status is.
    await room.install("last", { templates: { last: configMap("last", { color: "blue" }) } });
    await lock(room, "last");
    await room.untilAudited(isStatusOf("last"));
    events = (await requestsOf(room)).slice(before);
  });
  after(() => room.close());

  it("is told of on at most ten objects a second, after the reverts", () => {
    const told = events.filter(isEventOn(NAMESPACE));
    const times = told.map(({ requestReceivedTimestamp }) => Date.parse(requestReceivedTimestamp));
    for (const time of times) {
      const within = times.filter(other => other >= time && other < time + 900).length;
      assert.ok(within <= 10, `${within} Events in a second`);
    }
    const restored = events.filter(isObjectWrite).map(({ stageTimestamp }) => stageTimestamp);
    const [first] = told;
    assert.ok(first && restored.every(time => time < first.requestReceivedTimestamp), "Events came first");
  });

  it("takes few writes of the status", () => {
    for (const release of ["app-0", "app-1"]) {
      const count = events.filter(isStatusOf(release)).length;
      assert.ok(count >= 1 && count <= 2, `${count} writes for ${release}`);
    }
  });
});
