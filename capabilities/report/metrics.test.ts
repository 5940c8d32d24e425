import assert from "node:assert/strict";
import { it } from "node:test";
import { Metrics } from "./metrics";

it("shows reverts by release and kind, releases by state and the queue, after what the collector shows", async () => {
  const states = ["Deployed", "Deployed", "Failed"];
  const metrics = new Metrics({ states: () => states, queue: { size: 7, due: 2 } });
  const collector = { getMetrics: () => Promise.resolve("pepr_errors 0") };
  metrics.appendTo(collector);
  metrics.reverted({ namespace: "shop", name: "web" }, "ConfigMap", "apply");
  metrics.reverted({ namespace: "shop", name: "web" }, "ConfigMap", "apply");
  states.pop();
  const lines = (await collector.getMetrics()).split("\n").filter(line => !line.startsWith("#"));
  const revert = `helm_locker_reverts_total{release_namespace="shop",release="web",kind="ConfigMap",operation="apply"} 2`;
  assert.deepEqual(lines.filter(Boolean), [
    "pepr_errors 0",
    revert,
    'helm_locker_releases{state="Deployed"} 2',
    "helm_locker_queue_length 7",
    "helm_locker_queue_due 2",
  ]);
});
