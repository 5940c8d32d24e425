import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { hasPrometheus } from "../hack/artifacts/prometheus";
import { untilSeen } from "../hack/lib/patience";
import { ask, isAtRest, lock } from "../hack/locker/helm-release";
import { chosenPanels } from "../hack/pictures/dashboard";
import { byPatch, isReverted, postSentinel, stands } from "./support/changes";
import { deny } from "./support/policy";
import { Prometheus } from "../hack/locker/prometheus";
import { metricIs } from "./support/queue";
import { NAMESPACE, Room } from "./support/room";
import { warn } from "./support/warned";

const skip = !hasPrometheus() && "the package sources of this machine have no Prometheus";

describe("the dashboard", { skip }, () => {
  let room: Room;
  let prometheus: Prometheus;
  before(async () => {
    room = await Room.open(postSentinel);
    prometheus = await Prometheus.start(room.locker.port);
  });
  after(async () => {
    await prometheus.stop();
    await room.close();
  });

  it("has data in every panel while releases drift, are blocked and are suspended", async () => {
    const [locked, warned, suspended] = [
      await room.installFresh(),
      await room.installFresh(),
      await room.installFresh(),
    ];
    const paint = (settings: string, by: string, color: string) =>
      byPatch(room, `${settings}?fieldManager=${by}`, { data: { color } });
    await lock(room, suspended.release);
    await ask(room, suspended.release, { suspend: true, suspendUntil: "2099-01-01T00:00:00Z" });
    await isAtRest(room, suspended.release, "Suspended");
    await warn(room, warned.release);
    await stands(room, warned.settings, paint(warned.settings, "alice", "red"));
    await lock(room, locked.release);
    await isReverted(room, locked.settings, paint(locked.settings, "bob", "red"));
    await deny(room, {
      name: "blue",
      apiGroup: "",
      resource: "configmaps",
      validation: "!has(object.data.color) || object.data.color != 'blue'",
      message: "no more blue",
      probe: { object: `configmap/${locked.release}`, patch: { data: { size: "small" } } },
    });
    await paint(locked.settings, "carol", "green")();
    const blocked = `helm_locker_blocked_objects{release_namespace="${NAMESPACE}",release="${locked.release}",reason="Refused"}`;
    await metricIs(room.locker, blocked, count => count === 1);

    const targets = (await chosenPanels("1m")).flatMap(({ title, targets }) =>
      targets.map(({ refId, expr }) => ({ name: `${title}, ${refId}`, expr })),
    );
    for (const { expr } of targets) assert.ok(!expr.includes("$"), expr);
    assert.ok(targets.length > 20);
    for (const { name, expr } of targets)
      await untilSeen(async () => (await prometheus.results(expr)).length > 0, `data of ${name}: ${expr}`);
  });
});
