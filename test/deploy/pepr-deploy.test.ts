import assert from "node:assert/strict";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { after, before, suite, test } from "node:test";
import { peprImage } from "../../hack/artifacts/image/pepr";
import { deploymentManifest } from "../../hack/artifacts/manifest";
import { megabytes } from "../../hack/bench/statistics";
import { startPodCluster } from "../../hack/clusters/choice";
import type { PodCluster } from "../../hack/clusters/pod-cluster";
import type { RealNode } from "../../hack/clusters/real-node";
import { ROOT } from "../../hack/lib/project";
import { PEPR_PODS, PEPR_USER, peprDeploy } from "../../hack/locker/deployed/pepr";
import { podOf, untilRolledOut } from "../../hack/locker/deployed/pods";
import { breaches } from "../support/audit";
import { copyModule } from "../support/module-copy";
import { choice, onNode, skip } from "./chosen";
import { scalePods } from "./pods";
import { assertReverts, assertRevertsAfter, assertUnlocks, assertUpgrades, testLock } from "./proof";

/** The namespace as an administrator has prepared it: `pepr deploy` leaves the label as it is. */
const NAMESPACE = {
  apiVersion: "v1",
  kind: "Namespace",
  metadata: { name: PEPR_PODS.namespace, labels: { "pod-security.kubernetes.io/enforce": "baseline" } },
};

suite("npx pepr deploy", { skip }, () => {
  let cluster: PodCluster;
  let node: RealNode;
  const inPepr = (...args: string[]): Promise<string> =>
    cluster.kubectl(["--namespace=pepr-system", ...args]);

  before(async () => {
    const started = await startPodCluster(choice);
    cluster = started.cluster;
    if (started.node !== undefined) {
      node = started.node;
      // kind can pull it from a registry.
      await node.importImage(await peprImage());
    }
    await cluster.kubectl(["create", "-f", "-"], { input: JSON.stringify(NAMESPACE) });
  });

  after(() => cluster.stop());

  test("brings Pods that are ready where Pod Security's baseline is enforced", async () => {
    await peprDeploy(cluster, ROOT);
    const enforced = ["get", "namespace", PEPR_PODS.namespace, "--show-labels"];
    assert.match(await cluster.kubectl(enforced), /pod-security\.kubernetes\.io\/enforce=baseline/);
  });

  testLock(() => cluster, PEPR_PODS);

  test("reverts what drifts while the node is down", onNode, async () => {
    await untilRolledOut(cluster, PEPR_PODS);
    await assertRevertsAfter(
      cluster,
      () => node.stopNode(),
      () => node.startNode(),
    );
  });

  test("reverts all along while it is deployed anew, with an option that package.json sets", async () => {
    const changed = join(cluster.directory, "changed");
    await mkdir(changed);
    await copyModule(changed, { HELM_LOCKER_LOG_LEVEL: "warn" });
    await untilRolledOut(cluster, PEPR_PODS);
    const over = new AbortController();
    const deployAnew = async (): Promise<void> => {
      try {
        await peprDeploy(cluster, changed);
      } finally {
        over.abort();
      }
    };
    const driftAllAlong = async (): Promise<void> => {
      do await assertReverts(cluster);
      while (!over.signal.aborted);
    };
    await Promise.all([deployAnew(), driftAllAlong()]);
    await assertReverts(cluster);
    const log = await inPepr("logs", await podOf(cluster, PEPR_PODS));
    assert.doesNotMatch(log, /"message":"reverted"/, "the option did not reach the locker");
  });

  test("does no harm when two run for a moment", async () => {
    await scalePods(cluster, PEPR_PODS, 2);
    for (let round = 0; round < 5; round++) await assertReverts(cluster);
    await assertUpgrades(cluster);
    await scalePods(cluster, PEPR_PODS, 1);
  });

  test("never wrote but as Helm would have", onNode, async () => {
    assert.deepEqual(breaches(await node.auditLog(), PEPR_USER), []);
  });

  test("fits into its memory", onNode, async t => {
    const { processes, workingSet } = await node.podMemory(
      PEPR_PODS.namespace,
      await podOf(cluster, PEPR_PODS),
    );
    t.diagnostic(`working set ${megabytes(workingSet)}; resident: ${processes.map(megabytes).join(", ")}`);
    assert.ok(workingSet < 512 * 1024 * 1024, "it is over the limit that Pepr gives it");
  });

  test("goes within its grace period of 5 s", async () => {
    await inPepr("delete", "pod", await podOf(cluster, PEPR_PODS), "--timeout=10s");
    await untilRolledOut(cluster, PEPR_PODS);
  });

  test("can be removed without a trace on what it locked", () =>
    assertUnlocks(cluster, async () => {
      await cluster.kubectl(["delete", "-f", await deploymentManifest(), "--timeout=60s"]);
    }));
});
