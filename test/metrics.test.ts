import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import packageJson from "../package.json";
import {
  ask,
  helmRelease,
  helmReleasePath,
  isAtRest,
  isLocked,
  lock,
  register,
  untilStatus,
} from "../hack/locker/helm-release";
import { byPatch, isReverted, stands, postSentinel } from "./support/changes";
import { allow, deny } from "./support/policy";
import { metricIs, metricsOf } from "./support/queue";
import { NAMESPACE, Room } from "./support/room";
import { turn } from "./support/warned";

describe("the metrics of a locker", () => {
  let room: Room;
  let release: string;
  let settings: string;
  let labels: string;
  before(async () => {
    room = await Room.open(postSentinel);
    ({ release, settings } = await room.installFresh());
    labels = `release_namespace="${NAMESPACE}",release="${release}"`;
    await lock(room, release);
  });
  after(() => room.close());

  const shows = (name: string, is: (value: number) => boolean) =>
    metricIs(room.locker, `helm_locker_${name}`, is);
  const info = (mode: string, ready = "true") =>
    shows(`release_info{${labels},state="Deployed",mode="${mode}",ready="${ready}"}`, value => value === 1);
  const by = (name: string, color: string) =>
    byPatch(room, `${settings}?fieldManager=${name}`, { data: { color } });
  const detected = (manager: string) =>
    shows(
      `drift_detected_total{${labels},kind="ConfigMap",operation="apply",manager="${manager}"}`,
      value => value === 1,
    );

  it("say what runs, what it watches, and what that asks of the API server", async () => {
    await shows(
      `build_info{version="${packageJson.version}",nodejs="v${packageJson.devDependencies.node}"}`,
      value => value === 1,
    );
    await shows('watch_up{group="",kind="ConfigMap"}', value => value === 1);
    for (const kind of ["HelmRelease", "HelmLockerPolicy"])
      await shows(`watch_up{group="helm.cattle.io",kind="${kind}"}`, value => value === 1);
    for (const request of ['verb="list",code="200"', 'verb="watch",code="200"', 'verb="patch",code="200"'])
      await shows(`api_requests_total{${request}}`, value => value >= 1);
  });

  it("count who had made what was reverted, and how long it stood", async () => {
    await info("enabled");
    await isReverted(room, settings, by("alice", "red"));
    await detected("alice");
    await shows(`reverts_total{${labels},kind="ConfigMap",operation="apply"}`, value => value === 1);
    await shows('revert_duration_seconds_sum{operation="apply"}', value => value > 0 && value < 60);
    await shows(`drifted_objects{${labels}}`, value => value === 0);
  });

  it("tell what is blocked, and why", async () => {
    const denial = {
      name: "blue",
      apiGroup: "",
      resource: "configmaps",
      validation: "!has(object.data.color) || object.data.color != 'blue'",
      message: "no more blue",
      probe: { object: `configmap/${release}`, patch: { data: { size: "small" } } },
    };
    await deny(room, denial);
    await by("bob", "green")();
    await shows(`blocked_objects{${labels},reason="Refused"}`, value => value === 1);
    await info("enabled", "false");
    await allow(room, denial);
    await info("enabled");
  });

  it("tell what only differs, and by whom", async () => {
    await turn(room, release, "warn");
    await info("warn");
    await stands(room, settings, by("carol", "white"));
    await shows(`drifted_objects{${labels}}`, value => value === 1);
    await detected("carol");
  });

  it("tell until when nothing is looked at", async () => {
    const until = "2099-01-01T00:00:00Z";
    await ask(room, release, { suspend: true, suspendUntil: until });
    await isAtRest(room, release, "Suspended");
    await info("suspended");
    const name = `suspended_until_timestamp_seconds{${labels}}`;
    await shows(name, value => value === Date.parse(until) / 1000);
    await ask(room, release, { suspend: false, suspendUntil: null });
    await untilStatus(room, release, ({ mode }) => mode === "warn");
    await info("warn");
  });

  it("name a HelmRelease that can't be followed, until it locks something", async () => {
    await register(room, { ...helmRelease("typo"), spec: {} });
    await shows('invalid_helm_releases{helm_release="typo"}', value => value === 1);
    const fresh = await room.installFresh();
    const spec = { release: { name: fresh.release, namespace: NAMESPACE } };
    await room.api.edit(helmReleasePath("typo"), { spec });
    await isLocked(room, "typo");
    assert.doesNotMatch(await metricsOf(room.locker), /invalid_helm_releases\{/);
  });
});
