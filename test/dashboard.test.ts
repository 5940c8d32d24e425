import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { z } from "zod";
import { hasPrometheus } from "../hack/artifacts/prometheus";
import { untilSeen } from "../hack/lib/patience";
import { ROOT } from "../hack/lib/project";
import { ask, isAtRest, lock } from "../hack/locker/helm-release";
import { byPatch, isReverted, postSentinel, stands } from "./support/changes";
import { deny } from "./support/policy";
import { Prometheus } from "../hack/locker/prometheus";
import { metricIs } from "./support/queue";
import { NAMESPACE, Room } from "./support/room";
import { warn } from "./support/warned";

const skip = !hasPrometheus() && "the package sources of this machine have no Prometheus";

const dashboard = z.object({
  panels: z.array(
    z.object({
      title: z.string(),
      targets: z.array(z.object({ refId: z.string(), expr: z.string() })).default([]),
    }),
  ),
});

/** What Grafana puts in for variables when all is chosen. */
const VARIABLES = {
  $cluster: ".*",
  $release_namespace: ".*",
  $release: ".*",
  $__rate_interval: "1m",
};

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

    const file = join(ROOT, "charts", "helm-locker", "monitoring", "dashboard.json");
    const { panels } = dashboard.parse(JSON.parse(await readFile(file, "utf8")));
    const targets = panels.flatMap(({ title, targets }) =>
      targets.map(({ refId, expr }) => ({ name: `${title}, ${refId}`, expr: filled(expr) })),
    );
    assert.ok(targets.length > 20);
    for (const { name, expr } of targets)
      await untilSeen(async () => (await prometheus.results(expr)).length > 0, `data of ${name}: ${expr}`);
  });
});

function filled(expr: string): string {
  const text = Object.entries(VARIABLES).reduce((all, [name, value]) => all.replaceAll(name, value), expr);
  assert.ok(!text.includes("$"), text);
  return text;
}
