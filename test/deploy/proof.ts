import assert from "node:assert/strict";
import { test } from "node:test";
import type { Tools } from "../../hack/clusters/tools";
import { untilRolledOut, type DeployedPods } from "../../hack/locker/deployed/pods";
import {
  driftShop,
  editGreeting,
  greetingOf,
  inDemo,
  lockShop,
  SHOP,
  untilRestored,
} from "../../hack/locker/deployed/shop";
import { REGISTRATION_NAMESPACE } from "../../hack/locker/helm-release";
import { evictPod, killPod, scalePods } from "./pods";

/** The tests that every way of deploying the locker has to pass. @param pods the locker's */
export function testLock(clusterOf: () => Tools, pods: DeployedPods): void {
  test("locks a release", () => lockShop(clusterOf()));

  test("reverts an edit, a deletion and an addition", () => assertReverts(clusterOf()));

  test("lets an upgrade through and locks what it brought", () => assertUpgrades(clusterOf()));

  test("reverts what drifts while no Pod runs", () =>
    assertRevertsAfter(
      clusterOf(),
      () => scalePods(clusterOf(), pods, 0),
      () => scalePods(clusterOf(), pods, 1),
    ));

  test("reverts what drifts when the Pod is killed", () =>
    assertRevertsAfter(clusterOf(), () => killPod(clusterOf(), pods)));

  test("reverts what drifts when the Pod is evicted", async () => {
    await untilRolledOut(clusterOf(), pods);
    await assertRevertsAfter(clusterOf(), () => evictPod(clusterOf(), pods));
  });
}

/** Checks that an edit, a deletion and an addition are undone. */
export async function assertReverts(cluster: Tools): Promise<void> {
  await untilRestored(cluster, await driftShop(cluster));
}

/** Checks that a Helm upgrade goes through, and that its result is then locked. */
export async function assertUpgrades(cluster: Tools): Promise<void> {
  const greeting = `Hello after ${await greetingOf(cluster)}`;
  await cluster.helm(["upgrade", "shop", SHOP, "--namespace=demo", `--set=greeting=${greeting}`]);
  assert.equal(await greetingOf(cluster), greeting);
  await assertReverts(cluster);
}

/**
 * Checks that an edit, a deletion and an addition made while no locker runs are undone once one runs.
 * @param interrupt ends the locker, and returns when it is gone
 * @param resume brings the locker back, if it does not come back by itself
 */
export async function assertRevertsAfter(
  cluster: Tools,
  interrupt: () => Promise<unknown>,
  resume: () => Promise<unknown> = () => Promise.resolve(),
): Promise<void> {
  await interrupt();
  const greeting = await driftShop(cluster);
  await resume();
  await untilRestored(cluster, greeting);
}

/**
 * Checks that removing the locker leaves the release's objects as they are, free to be edited, and the HelmRelease
 * deletable.
 * @param uninstall removes the locker, and returns when it is gone
 */
export async function assertUnlocks(cluster: Tools, uninstall: () => Promise<unknown>): Promise<void> {
  const objects = ["get", "configmap/shop", "service/shop", "--output=jsonpath={.items[*].metadata}"];
  const before = await inDemo(cluster, ...objects);
  await uninstall();
  assert.equal(await inDemo(cluster, ...objects), before);
  await editGreeting(cluster);
  await cluster.kubectl(["delete", "hrl/shop", `--namespace=${REGISTRATION_NAMESPACE}`, "--timeout=30s"]);
  assert.equal(await greetingOf(cluster), "Closed");
}
