import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { configMap, configMapPath, dataOf, type KubeObject } from "../hack/lib/objects";
import { ask, helmReleasePath, isAtRest, lock, untilStatus } from "../hack/locker/helm-release";
import { becomes, byPatch, postSentinel, sentinelReverted, stands, staysAway } from "./support/changes";
import { AFTER_REFUSAL } from "./support/in-time";
import { allow, deny } from "./support/policy";
import { metricIs } from "./support/queue";
import { NAMESPACE, Room } from "./support/room";
import { allWrites, bringBack, driftOf, linesOf, toldByEvent, turn, warn } from "./support/warned";

describe("what is only warned of", () => {
  let room: Room;
  let release: string;
  let settings: string;
  const object = (): string => `ConfigMap ${NAMESPACE}/${release}`;
  const hand = (name: string, data: object) => () =>
    room.api.edit(`${settings}?fieldManager=${name}`, { data });

  before(async () => {
    room = await Room.open(postSentinel);
    ({ release, settings } = await room.installFresh());
    await warn(room, release);
  });
  after(() => room.close());

  it("is told once for each change, and once more when it is gone", async () => {
    const was = await room.api.read(settings);
    const counter = `helm_locker_drifts_total{release_namespace="${NAMESPACE}",release="${release}",kind="ConfigMap",operation="apply"}`;
    const gauge = `helm_locker_drifted_objects{release_namespace="${NAMESPACE}",release="${release}"}`;
    await hand("alice", { color: "red" })();
    const [first] = await driftOf(room, release, object());
    assert.deepEqual([first?.fields, first?.by], [["/data/color"], ["alice"]]);
    for (const note of ["one", "two"])
      await room.api.edit(settings, { metadata: { annotations: { "team.example.com/note": note } } });
    await sentinelReverted(room);
    assert.equal(linesOf(room, "drifted", object()), 1);
    await metricIs(room.locker, counter, told => told === 1);
    const drifted = { reason: "Drifted", type: "Warning", object: object() };
    assert.equal(await toldByEvent(room, release, drifted), 1);

    await hand("bob", { size: "large" })();
    const { drift } = await untilStatus(room, release, ({ drift }) => drift[0]?.by.includes("bob") === true);
    assert.deepEqual(drift[0]?.fields, ["/data/color", "/data/size"]);
    assert.equal(drift[0].since, first?.since);
    assert.equal(linesOf(room, "drifted", object()), 2);
    await metricIs(room.locker, gauge, objects => objects === 1);

    await bringBack(room, settings, was);
    await driftOf(room, release);
    assert.equal(linesOf(room, "no longer drifts", object()), 1);
    assert.equal(
      await toldByEvent(room, release, { reason: "DriftResolved", type: "Normal", object: object() }),
      1,
    );
    await metricIs(room.locker, gauge, objects => objects === 0);
    assert.equal(linesOf(room, "drifted", object()), 2);
  });

  it("is as old after a restart, whatever a Helm operation does beside it", async () => {
    await hand("alice", { color: "red" })();
    const [first] = await driftOf(room, release, object());
    await room.locker.stop();
    await room.startLocker();
    await untilStatus(room, release, ({ conditions }) => conditions.length > 0);
    await sentinelReverted(room);
    assert.deepEqual(await driftOf(room, release, object()), [first]);
    await hand("alice", { color: "blue" })();
    await driftOf(room, release);
  });

  it("is not taken for deleted where Helm's label is missing", async () => {
    const label = "app.kubernetes.io/managed-by";
    await room.api.edit(settings, { metadata: { labels: { [label]: null } } });
    const [told] = await driftOf(room, release, object());
    assert.deepEqual(told?.fields, ["/metadata/labels"]);
    await room.api.edit(settings, { metadata: { labels: { [label]: "Helm" } } });
    await driftOf(room, release);
  });

  it("is told once of an object that finalizers hold, and is then gone", async () => {
    const fresh = await room.installFresh();
    const name = `ConfigMap ${NAMESPACE}/${fresh.release}`;
    await room.api.edit(fresh.settings, { metadata: { finalizers: ["example.com/hold"] } });
    await warn(room, fresh.release);
    await room.api.delete(fresh.settings);
    const [held] = await driftOf(room, fresh.release, name);
    assert.match(held?.why ?? "", /finalizers hold it/);
    await room.api.edit(fresh.settings, { metadata: { finalizers: null } });
    await untilStatus(room, fresh.release, ({ objects }) => objects?.drifted === 1 && objects.blocked === 0);
    const [gone] = await driftOf(room, fresh.release, name);
    assert.equal(gone?.since, held?.since);
    assert.equal(linesOf(room, "drifted", name), 1);
    await room.helm("rollback", fresh.release, "1");
    await driftOf(room, fresh.release);
  });

  it("was written by nobody else, in all of this", async () => {
    assert.deepEqual(await allWrites(room, uri => !uri.includes("/sentinel?")), []);
  });

  it("is forgotten while nothing is looked at, and found again after that", async () => {
    const fresh = await room.installFresh();
    const name = `ConfigMap ${NAMESPACE}/${fresh.release}`;
    await warn(room, fresh.release);
    await room.api.edit(fresh.settings, { data: { color: "red" } });
    for (const rest of [{ driftDetection: { mode: "disabled" } }, { suspend: true }]) {
      await driftOf(room, fresh.release, name);
      await ask(room, fresh.release, rest);
      const { drift, objects, conditions } = await isAtRest(
        room,
        fresh.release,
        "suspend" in rest ? "Suspended" : "Disabled",
      );
      assert.deepEqual([drift, objects?.drifted], [[], 0]);
      assert.ok(!conditions.some(({ type }) => type === "Drifted"));
      await ask(room, fresh.release, { suspend: null, driftDetection: { mode: "warn" } });
    }
    await driftOf(room, fresh.release, name);
  });

  it("stays as it is from the moment that the status says so, however often the mode changes", async () => {
    const fresh = await room.installFresh();
    const gone = configMapPath(NAMESPACE, `${fresh.release}-gone`);
    await room.install(fresh.release, {
      templates: {
        settings: configMap(fresh.release, { color: "blue" }),
        gone: configMap(`${fresh.release}-gone`, { color: "blue" }),
      },
    });
    await lock(room, fresh.release);
    for (const color of ["red", "green", "white"]) {
      await turn(room, fresh.release, "warn");
      await stands(room, fresh.settings, byPatch(room, fresh.settings, { data: { color } }));
      await room.api.delete(gone);
      await staysAway(room, gone);
      await ask(room, fresh.release, { driftDetection: { mode: "enabled" } });
      await becomes(room, fresh.settings, hasColor("blue"));
      await becomes(room, gone, hasColor("blue"));
    }
  });

  it("stays small, whatever is told", async () => {
    const name = (index: number): string => `many-${index}-${"x".repeat(235)}`;
    const data = (value: string, ...numbers: number[]) =>
      Object.fromEntries(numbers.map(number => [`${number}-${"k".repeat(250)}`, value]));
    const maps = Array.from({ length: 500 }, (_, index) => configMap(name(index), data("blue", 1, 2, 3)));
    const list = { apiVersion: "v1", kind: "List", items: maps };
    await room.install("many", { templates: { list }, notes: "ü".repeat(60_000) });
    await warn(room, "many");
    const drift = data("red", 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12);
    for (let first = 0; first < 500; first += 20)
      await Promise.all(
        maps
          .slice(first, first + 20)
          .map((_, index) =>
            room.api.edit(
              `${configMapPath(NAMESPACE, name(first + index))}?fieldManager=${"m".repeat(128)}`,
              { data: drift },
            ),
          ),
      );
    const status = await untilStatus(room, "many", ({ objects }) => objects?.drifted === 500);
    assert.ok(status.drift.length > 5 && status.drift.length <= 20);
    for (const { fields } of status.drift) assert.equal(fields.length, 10);
    const raw = await room.api.read(helmReleasePath("many"));
    const bytes = Buffer.byteLength(JSON.stringify(raw.status));
    assert.ok(bytes > 50_000 && bytes <= 100_000, `${bytes} bytes`);
    assert.equal(status.notes?.slice(-2), "ü…");
  });

  it("shows no value", async () => {
    await hand("alice", { color: "a-secret-color" })();
    await driftOf(room, release, object());
    const told = await room.kubectl("get", "events,helmreleases.helm.cattle.io", "-A", "-o=json");
    assert.ok(!`${JSON.stringify(room.locker.logs)}${told}`.includes("a-secret-color"));
  });
});

describe("what can't be put right of a release that is locked", () => {
  let room: Room;
  before(async () => {
    room = await Room.open();
  });
  after(() => room.close());

  it("is told with what is wrong, and by whom, until it is put right", async () => {
    const { release, settings } = await room.installFresh();
    await lock(room, release);
    await driftOf(room, release);
    const denial = {
      name: "blue",
      apiGroup: "",
      resource: "configmaps",
      validation: "!has(object.data.color) || object.data.color != 'blue'",
      message: "no more blue",
      probe: { object: `configmap/${release}`, patch: { data: { size: "small" } } },
    };
    await deny(room, denial);
    await room.api.edit(`${settings}?fieldManager=alice`, { data: { color: "red" } });
    const [told] = await driftOf(room, release, `ConfigMap ${NAMESPACE}/${release}`);
    assert.deepEqual([told?.fields, told?.by], [["/data/color"], ["alice"]]);
    assert.match(told?.why ?? "", /no more blue/);
    const { objects } = await untilStatus(room, release, ({ objects }) => objects?.blocked === 1);
    assert.deepEqual(objects, { tracked: 1, drifted: 1, ignored: 0, blocked: 1 });
    await allow(room, denial);
    await becomes(room, settings, hasColor("blue"), AFTER_REFUSAL);
    await driftOf(room, release);
    assert.equal(linesOf(room, "drifted", `ConfigMap ${NAMESPACE}/${release}`), 0);
  });
});

function hasColor(color: string) {
  return (now: KubeObject | undefined): boolean => dataOf(now).color === color;
}
