import assert from "node:assert/strict";
import { describe, it } from "node:test";
import packageJson from "../../package.json";
import { ApiError, ForbiddenError } from "../cluster/errors";
import { Tally } from "../cluster/tally";
import { kindOf } from "../kube/kinds";
import { DEFAULT_POLICY } from "../policy/policy";
import type { Lock } from "../state/lock";
import { track } from "../state/new-tracked";
import type { Problem, StandingDrift } from "../state/problems";
import { Store } from "../state/store";
import { differ, ignore, ownedByOthers, trouble } from "../state/tracked";
import type { Gauged } from "./gauges";
import { Metrics } from "./metrics";
import { METRICS } from "./metrics-table";

const configMaps = kindOf({ apiVersion: "v1", kind: "ConfigMap", plural: "configmaps", namespaced: true });
const release = { namespace: "shop", name: "web" };
const drift: StandingDrift = { operation: "apply", fields: [], by: [], digest: "", since: 0 };
const labels = 'release_namespace="shop",release="web"';

function lockIn(state: "Deployed" | "Failed" | "Transitioning", change: Partial<Lock> = {}): Lock {
  const stance = state === "Deployed" ? "lock" : "stand down";
  const lock = new Store().register("a", release);
  return { ...lock, phase: { state, stance, cause: { is: "missing" } }, ...change };
}

interface Facts {
  readonly drift?: StandingDrift;
  readonly problem?: Problem;
  readonly ignored?: number;
  readonly foreign?: number;
}

function withObjects(lock: Lock, ...objects: Facts[]): Lock {
  const all = objects.map((facts, index) => {
    const metadata = { name: String(index), namespace: "shop" };
    const tracked = track(lock, configMaps, { apiVersion: "v1", kind: "ConfigMap", metadata });
    differ(tracked, facts.drift);
    trouble(tracked, facts.problem);
    ignore(tracked, facts.ignored ?? 0);
    ownedByOthers(tracked, facts.foreign ?? 0);
    return [metadata.name, tracked] as const;
  });
  return { ...lock, objects: new Map(all) };
}

function metricsOf(locks: readonly Lock[], isReady?: boolean, watched: ReturnType<Gauged["watched"]> = []) {
  const tally = new Tally();
  const metrics = new Metrics({
    locks: () => locks,
    invalid: () => ["typo"],
    isReady: () => isReady,
    watched: () => watched,
    queue: { size: 7, due: 2 },
    rank: { isFirst: true, place: 0 },
    tally,
  });
  const collector = { getMetrics: () => Promise.resolve("pepr_errors 0") };
  metrics.appendTo(collector);
  const read = async (...of: (keyof typeof METRICS)[]) => {
    const names = of.map(one => METRICS[one].name);
    const lines = (await collector.getMetrics()).split("\n").filter(line => !line.startsWith("#"));
    return lines.flatMap(line => {
      const name = names.find(one => new RegExp(`^${one}[_ {]`).test(line));
      return name === undefined ? [] : [line.slice("helm_locker_".length)];
    });
  };
  return { metrics, collector, tally, read };
}

describe("metrics", () => {
  it("come after what the collector shows, each with the table's help", async () => {
    const { collector } = metricsOf([lockIn("Deployed")]);
    const text = await collector.getMetrics();
    assert.match(text, /^pepr_errors 0\n/);
    for (const { name, help } of Object.values(METRICS)) assert.ok(text.includes(`# HELP ${name} ${help}`));
  });

  it("show releases by state, what differs, and what is left to others", async () => {
    const locks = [
      withObjects(lockIn("Deployed"), { drift, ignored: 2, foreign: 5 }, { ignored: 1 }),
      lockIn("Failed"),
    ];
    const { read } = metricsOf(locks);
    locks.pop();
    assert.deepEqual(await read("releases", "drifted", "ignored", "foreign", "formerForeign"), [
      'releases{state="Deployed"} 1',
      `drifted_objects{${labels}} 1`,
      `ignored_fields{${labels}} 3`,
      `foreign_owned_fields{${labels}} 5`,
      `foreign_fields{${labels}} 5`,
    ]);
  });

  it("name HelmReleases that can't be followed", async () => {
    const { read } = metricsOf([]);
    assert.deepEqual(await read("invalid"), ['invalid_helm_releases{helm_release="typo"} 1']);
  });

  for (const [isReady, ready] of [
    [true, "true"],
    [false, "false"],
    [undefined, "unknown"],
  ] as const)
    it(`tell of a release whether it is ready: ${ready}`, async () => {
      const { read } = metricsOf([lockIn("Deployed")], isReady);
      const state = 'state="Deployed",mode="enabled"';
      assert.deepEqual(await read("info"), [`release_info{${labels},${state},ready="${ready}"} 1`]);
    });

  it("tell of a release that can't be read, and nothing of one that was not", async () => {
    const unread = { ...lockIn("Deployed"), phase: undefined };
    const { read } = metricsOf([unread, { ...unread, failure: { error: new Error("no") } }]);
    const state = 'state="Error",mode="enabled"';
    assert.deepEqual(await read("info"), [`release_info{${labels},${state},ready="unknown"} 1`]);
  });

  it("tell why objects are not put right, while the release is locked", async () => {
    const missing = 'configmaps is forbidden: User "l" cannot patch resource "configmaps" in API group ""';
    const problems: Problem[] = [
      { is: "fought over", by: ["alice"] },
      { is: "failed", error: new ForbiddenError(403, "Forbidden", missing) },
      { is: "failed", error: new ForbiddenError(403, "Forbidden", "quota") },
      { is: "failed", error: new ApiError(503, "", "down") },
      { is: "left", because: { is: "unmarked" } },
      { is: "left", because: { is: "finished" } },
      { is: "held by finalizers" },
    ];
    const objects = problems.map(problem => ({ problem }));
    const locked = withObjects(lockIn("Deployed"), ...objects);
    const blocked = (reason: string) => `blocked_objects{${labels},reason="${reason}"} 1`;
    assert.deepEqual(await metricsOf([locked]).read("blocked", "fights"), [
      ...["FoughtOver", "RightMissing", "Refused", "Failed", "Unmarked", "HeldByFinalizers"].map(blocked),
      `fights{${labels}} 1`,
    ]);
    const upgraded = withObjects(lockIn("Transitioning"), ...objects);
    assert.deepEqual(await metricsOf([upgraded]).read("blocked", "fights"), [`fights{${labels}} 0`]);
  });

  it("tell until when a release is suspended", async () => {
    const suspended = (until?: number) =>
      lockIn("Deployed", {
        isSuspended: true,
        policy: { ...DEFAULT_POLICY, suspension: { until, reason: "" } },
      });
    const shown = async (lock: Lock) => metricsOf([lock]).read("suspended");
    assert.deepEqual(await shown(lockIn("Deployed")), []);
    assert.deepEqual(await shown(suspended()), [`suspended_until_timestamp_seconds{${labels}} +Inf`]);
    assert.deepEqual(await shown(suspended(5_000)), [`suspended_until_timestamp_seconds{${labels}} 5`]);
  });

  it("tell of operations that do not end, and of rights that are missing", async () => {
    const lacking = { kind: configMaps, account: undefined, namespaces: [] };
    const bad = lockIn("Deployed", {
      isStalled: true,
      unwritable: new Map([["/api/v1/configmaps", lacking]]),
    });
    assert.deepEqual(await metricsOf([bad]).read("stalled", "rights"), [
      `operation_stalled{${labels}} 1`,
      `missing_rights{${labels}} 1`,
    ]);
  });

  it("tell whether every watch of a kind sees", async () => {
    const kinds = [configMaps, { group: "apps", kind: "Deployment" }, configMaps];
    const watched = kinds.map((kind, index) => ({ kind, sees: index < 2 }));
    const { read } = metricsOf([], undefined, watched);
    assert.deepEqual(await read("watches"), [
      'watch_up{group="",kind="ConfigMap"} 0',
      'watch_up{group="apps",kind="Deployment"} 1',
    ]);
  });

  it("count changes by who made them, and how long they stood", async () => {
    const { metrics, read } = metricsOf([]);
    const change = { release, kind: "ConfigMap", operation: "apply" };
    metrics.reverted({ ...change, by: ["alice", "bob"], tookMs: 30 });
    metrics.drifted({ ...change, operation: "create", by: [] });
    const on = (operation: string) => `${labels},kind="ConfigMap",operation="${operation}"`;
    assert.deepEqual(await read("reverts", "drifts", "detected"), [
      `reverts_total{${on("apply")}} 1`,
      `drifts_total{${on("create")}} 1`,
      `drift_detected_total{${on("apply")},manager="alice"} 1`,
      `drift_detected_total{${on("apply")},manager="bob"} 1`,
      `drift_detected_total{${on("create")},manager="unknown"} 1`,
    ]);
    const seconds = await read("duration");
    for (const line of ['_bucket{le="0.02",operation="apply"} 0', '_bucket{le="0.05",operation="apply"} 1'])
      assert.ok(seconds.includes(`revert_duration_seconds${line}`), seconds.join("\n"));
    assert.ok(seconds.includes('revert_duration_seconds_sum{operation="apply"} 0.03'));
  });

  it("name 50 field managers and no more", async () => {
    const { metrics, read } = metricsOf([]);
    for (let index = 0; index < 60; index++)
      metrics.drifted({ release, kind: "ConfigMap", operation: "apply", by: [`m${index}`] });
    metrics.drifted({ release, kind: "ConfigMap", operation: "apply", by: ["m0", "m58", "m59"] });
    const lines = await read("detected");
    assert.equal(lines.length, 51);
    const value = (manager: string) => lines.find(line => line.includes(`"${manager}"`))?.split(" ")[1];
    assert.deepEqual([value("m0"), value("other")], ["2", "11"]);
  });

  it("count the answers of the API server and restarts of watches, and show queue and version", async () => {
    const { metrics, tally, read } = metricsOf([]);
    for (const code of ["200", "200", "none"]) tally.note("get", code);
    metrics.restarted(configMaps);
    assert.deepEqual(await read("restarts", "requests", "length", "due", "build"), [
      'watch_restarts_total{group="",kind="ConfigMap"} 1',
      "queue_length 7",
      "queue_due 2",
      'api_requests_total{verb="get",code="200"} 2',
      'api_requests_total{verb="get",code="none"} 1',
      `build_info{version="${packageJson.version}",nodejs="${process.version}"} 1`,
    ]);
  });
});
