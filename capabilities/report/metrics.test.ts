import assert from "node:assert/strict";
import { it } from "node:test";
import type { State } from "../../crds/helm-release";
import { Metrics } from "./metrics";

const drift = { operation: "apply", fields: [], by: [], digest: "", since: 0 } as const;

it("shows reverts and drift by release and kind, releases by state, what is ignored and the queue, after what the collector shows", async () => {
  const release = { namespace: "shop", name: "web" };
  const lock = (state: State, ...ignored: number[]) => ({
    release,
    phase: { state },
    objects: new Map(
      ignored.map((count, index) => [
        `${state} ${index}`,
        { ignored: count, foreign: 5 * count, drift: count === 2 ? drift : undefined },
      ]),
    ),
  });
  const locks = [lock("Deployed", 2, 0), lock("Deployed", 1), lock("Failed")];
  const metrics = new Metrics({ locks: () => locks, queue: { size: 7, due: 2 } });
  const collector = { getMetrics: () => Promise.resolve("pepr_errors 0") };
  metrics.appendTo(collector);
  metrics.reverted(release, "ConfigMap", "apply");
  metrics.reverted(release, "ConfigMap", "apply");
  metrics.drifted(release, "ConfigMap", "create");
  locks.pop();
  const lines = (await collector.getMetrics()).split("\n").filter(line => !line.startsWith("#"));
  const revert = `helm_locker_reverts_total{release_namespace="shop",release="web",kind="ConfigMap",operation="apply"} 2`;
  assert.deepEqual(lines.filter(Boolean), [
    "pepr_errors 0",
    revert,
    `helm_locker_drifts_total{release_namespace="shop",release="web",kind="ConfigMap",operation="create"} 1`,
    'helm_locker_releases{state="Deployed"} 2',
    'helm_locker_ignored_fields{release_namespace="shop",release="web"} 3',
    'helm_locker_foreign_fields{release_namespace="shop",release="web"} 15',
    'helm_locker_drifted_objects{release_namespace="shop",release="web"} 1',
    "helm_locker_queue_length 7",
    "helm_locker_queue_due 2",
  ]);
});
