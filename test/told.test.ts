import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { collection, configMap, configMapPath, type Body } from "../hack/lib/objects";
import { untilSeen } from "../hack/lib/patience";
import { helmReleasePath, lock } from "../hack/locker/helm-release";
import { requestsToWrite } from "./support/audit";
import { helms, installWith } from "./support/both-helms";
import { byPatch, isRecreated, isReverted, openLocked, type Change } from "./support/changes";
import type { Chart } from "./support/chart";
import { AFTER_REFUSAL } from "./support/in-time";
import { allow, deny } from "./support/policy";
import { NAMESPACE, Room } from "./support/room";
import { untilHistory, untilTold, type Entry } from "./support/told";

const KEPT = Buffer.from("rosebud").toString("base64");
const STOLEN = Buffer.from("xanadu").toString("base64");
const LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration";

const secret: Body = {
  apiVersion: "v1",
  kind: "Secret",
  metadata: { name: "password" },
  data: { password: KEPT },
};
const chart: Chart = { templates: { settings: configMap("settings", { color: "blue" }), secret } };

const settings = configMapPath(NAMESPACE, "settings");
const password = `${collection("v1", "secrets", NAMESPACE)}/password`;

/** An edit of the settings, by a name of its own. */
function edit(room: Room, by: string, data: Body): Change {
  return byPatch(room, `${settings}?fieldManager=${by}`, { data });
}

/** Whether the locker has been refused twice, with a pause. */
async function isTriedAgain(room: Room): Promise<boolean> {
  const requests = requestsToWrite(await room.controlPlane.auditLog(), room.lockerUser);
  const refused = requests.filter(({ responseStatus }) => responseStatus?.code === 422);
  const times = refused.map(({ requestReceivedTimestamp }) => Date.parse(requestReceivedTimestamp));
  return Math.max(...times) - Math.min(...times) > 900;
}

/** What is the same in every run. */
function facts({ count, object, operation, fields, by, action }: Entry): unknown {
  return [count, object, operation, fields, by, action];
}

describe("the history of a release's objects, in the status", () => {
  let room: Room;
  before(async () => {
    room = await openLocked(chart);
  });
  after(() => room.close());

  const set = (recordDiff: string): Promise<unknown> =>
    room.api.edit(helmReleasePath("web"), { spec: { driftDetection: { recordDiff } } });

  it("has what was edited, added and deleted, newest first, by whom, and how long it stood", async () => {
    const began = Date.now();
    await isReverted(room, settings, edit(room, "editor", { color: "red" }));
    await isReverted(room, settings, edit(room, "adder", { more: "yes" }));
    await isRecreated(room, settings);
    const history = await untilHistory(room, "web", ({ length }) => length === 3);
    const object = `ConfigMap ${NAMESPACE}/settings`;
    assert.deepEqual(history.map(facts), [
      [1, object, "Deleted", [], [], "Reverted"],
      [1, object, "Added", ["/data/more"], ["adder"], "Reverted"],
      [1, object, "Edited", ["/data/color"], ["editor"], "Reverted"],
    ]);
    for (const { time, tookMs = -1 } of history) {
      assert.ok(tookMs >= 0 && tookMs <= Date.now() - began, `it took ${tookMs} ms`);
      assert.ok(Date.parse(time) > began - 1_000 && Date.parse(time) <= Date.now(), time);
    }
  });

  it("counts the same once more, and has it first", async () => {
    await isReverted(room, settings, edit(room, "editor", { color: "green" }));
    const [newest, ...others] = await untilHistory(room, "web", ([first]) => first?.count === 2);
    assert.deepEqual(newest?.by, ["editor"]);
    assert.deepEqual(
      others.map(({ count }) => count),
      [1, 1],
    );
  });

  it("is shown, with mode and drift, by kubectl get", async () => {
    const table = await room.kubectl("get", "hrl", "web", "-n", "cattle-helm-system");
    const [head = "", row = ""] = table.split("\n");
    assert.deepEqual(head.trim().split(/ {2,}/), [
      "NAME",
      "RELEASE NAME",
      "RELEASE NAMESPACE",
      "VERSION",
      "STATE",
      "MODE",
      "READY",
      "DRIFTED",
      "LAST DRIFT",
      "AGE",
    ]);
    assert.match(row, /^web +web +shop +1 +Deployed +enabled +True +.*\d+s +\d+s$/);
  });

  it("survives a restart, the last change before it included, but for what others wrote and can't be read", async () => {
    await isReverted(room, settings, edit(room, "last-hand", { color: "green" }));
    assert.equal(await room.stopLocker(), 0);
    const path = helmReleasePath("web");
    const { history } = await untilTold(room, "web", () => true);
    const odd = [{ object: "nonsense" }, { ...history[0], operation: "Eaten" }, { ...history[0], count: -1 }];
    await room.api.edit(`${path}/status`, { status: { history: [...odd, ...history] } });
    await room.startLocker();
    await isReverted(room, settings, edit(room, "newcomer", { color: "green" }));
    const after = await untilHistory(room, "web", ([first]) => first?.by[0] === "newcomer");
    assert.deepEqual(
      after.map(({ operation, by, count }) => [operation, by.join(), count]),
      [
        ["Edited", "newcomer", 1],
        ["Edited", "last-hand", 1],
        ["Edited", "editor", 2],
        ["Deleted", "", 1],
        ["Added", "adder", 1],
      ],
    );
  });

  it("has no more than the last twenty", async () => {
    for (let hand = 1; hand <= 21; hand++)
      await isReverted(room, settings, edit(room, `hand-${hand}`, { color: "green" }));
    const history = await untilHistory(room, "web", ([first]) => first?.by[0] === "hand-21");
    assert.deepEqual(
      history.map(({ by }) => by[0]),
      Array.from({ length: 20 }, (_, index) => `hand-${21 - index}`),
    );
  });

  it("has values where they are asked for, never those of a Secret, nor a whole object", async () => {
    await set("Values");
    await isReverted(room, password, byPatch(room, password, { data: { password: STOLEN } }));
    const whole = { metadata: { annotations: { [LAST_APPLIED]: "{xanadu}" } }, data: { color: "red" } };
    await room.api.edit(`${settings}?fieldManager=valuer`, whole);
    const history = await untilHistory(room, "web", ([first]) => first?.by[0] === "valuer");
    assert.deepEqual(history[0]?.values, [{ field: "/data/color", chart: "blue", live: "red" }]);
    assert.deepEqual([history[1]?.fields, history[1]?.values], [["/data/password"], undefined]);
    const events = await room.kubectl("get", "events", "--all-namespaces", "-o", "yaml");
    const everything = events + JSON.stringify([history, room.locker.logs]);
    for (const value of [KEPT, STOLEN, "rosebud", "xanadu"]) assert.ok(!everything.includes(value), value);
  });

  it("has no values any more once they are not asked for, and no fields where nobody wants them", async () => {
    await set("Fields");
    await untilHistory(room, "web", history => history.every(({ values }) => values === undefined));
    await set("None");
    const history = await untilHistory(room, "web", all => all.every(({ fields }) => fields.length === 0));
    assert.equal(history[0]?.by[0], "valuer");
  });

  it("has once what can't be put right", async () => {
    await set("Fields");
    const message = "the color is mine";
    const probe = { object: "configmap/settings", patch: { data: { color: "green" } } };
    const validation = "object.data.color == 'red'";
    const denial = { name: "mine", apiGroup: "", resource: "configmaps", validation, message, probe };
    await deny(room, denial);
    await edit(room, "blocker", { color: "red" })();
    const [blocked] = await untilHistory(room, "web", ([first]) => first?.action === "Blocked");
    assert.ok(blocked);
    const object = `ConfigMap ${NAMESPACE}/settings`;
    assert.deepEqual(facts(blocked), [1, object, "Edited", ["/data/color"], ["blocker"], "Blocked"]);
    await untilSeen(() => isTriedAgain(room), "another attempt");
    await allow(room, denial);
    const isPutRight = ([first]: Entry[]): boolean => first?.action === "Reverted";
    const history = await untilHistory(room, "web", isPutRight, AFTER_REFUSAL);
    const edited = [1, object, "Edited", ["/data/color"], ["blocker"]];
    assert.deepEqual(history.slice(0, 2).map(facts), [
      [...edited, "Reverted"],
      [...edited, "Blocked"],
    ]);
  });

  it("is that of another release once that is named", async () => {
    await room.api.edit(helmReleasePath("web"), { spec: { release: { name: "sentinel" } } });
    await untilHistory(room, "web", ({ length }) => length === 0);
  });
});

for (const helm of helms)
  describe(`the fields of what ${helm} installed that somebody else owns`, () => {
    let room: Room;
    let upgrade: (next?: Chart) => Promise<string>;
    before(async () => {
      room = await Room.open();
      upgrade = await installWith(room, helm, chart);
      await lock(room, "web");
    });
    after(() => room.close());

    it("are counted, though nothing drifts", async () => {
      await untilTold(room, "web", ({ foreignOwners }) => foreignOwners === 0);
      await room.api.apply(settings, configMap("settings", { color: "blue" }), "another");
      await untilTold(room, "web", ({ foreignOwners }) => foreignOwners === 1);
    });

    if (helm === "helm4")
      it("are what an upgrade conflicts on", async () => {
        const next = {
          templates: { ...chart.templates, settings: configMap("settings", { color: "green" }) },
        };
        await assert.rejects(upgrade(next), /conflict with "another".*\n?.*\.data\.color/);
      });

    it("are no longer counted once they are given back", async () => {
      const empty = { apiVersion: "v1", kind: "ConfigMap", metadata: { labels: { mine: "yes" } } };
      await room.api.apply(settings, empty, "another");
      await untilTold(room, "web", ({ foreignOwners }) => foreignOwners === 0);
    });
  });
