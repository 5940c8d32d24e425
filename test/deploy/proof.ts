import assert from "node:assert/strict";
import { test } from "node:test";
import type { Tools } from "../../hack/clusters/tools";
import { CommandError } from "../../hack/lib/command";
import { untilSeen } from "../../hack/lib/patience";
import { untilRolledOut, type DeployedPods } from "../../hack/locker/deployed/pods";
import {
  driftShop,
  editGreeting,
  greetingOf,
  inDemo,
  kubectlIn,
  lockShop,
  SHOP,
  untilRestored,
} from "../../hack/locker/deployed/shop";
import { REGISTRATION_NAMESPACE } from "../../hack/locker/helm-release";
import { lockerPolicy } from "../support/locker-policies";
import { evictPod, killPod, scalePods } from "./pods";

/** How many somebodies have edited objects. */
let hands = 0;

/** The tests that every way of deploying the locker has to pass. @param pods the locker's */
export function testLock(clusterOf: () => Tools, pods: DeployedPods): void {
  test("locks a release", () => lockShop(clusterOf()));

  test("reverts an edit, a deletion and an addition", () => assertReverts(clusterOf()));

  test("lets an upgrade through and locks what it brought", () => assertUpgrades(clusterOf()));

  test("has the API server refuse changes by hand, and let them through again", () =>
    assertRefuses(clusterOf()));

  test("locks what a HelmLockerPolicy matches, as long as there is one", () =>
    assertLocksByPolicy(clusterOf()));

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

/** Checks that an edit is refused once the lock asks for that, and reverted once it does not any more. */
async function assertRefuses(cluster: Tools): Promise<void> {
  const greeting = await greetingOf(cluster);
  const ask = (action: string): Promise<string> => {
    const patch = `--patch=${JSON.stringify({ spec: { admission: { action } } })}`;
    return inRegistration(cluster, "patch", "hrl/shop", "--type=merge", patch);
  };
  const isRefused = async (): Promise<boolean> => {
    try {
      await editGreeting(cluster);
      return false;
    } catch (error) {
      if (error instanceof CommandError && error.stderr.includes("ValidatingAdmissionPolicy")) return true;
      throw error;
    }
  };
  await ask("Deny");
  await untilSeen(isRefused, "the refusal of an edit");
  await untilGreeting(cluster, greeting);
  await ask("Ignore");
  await untilSeen(async () => !(await isRefused()), "an edit that is let through");
  await untilGreeting(cluster, greeting);
}

/** Checks that a policy locks a release in another namespace, and that its lock goes with the policy. */
async function assertLocksByPolicy(cluster: Tools): Promise<void> {
  const market = "market";
  await cluster.helm(["install", "shop", SHOP, `--namespace=${market}`, "--create-namespace"]);
  const namespaceSelector = { matchLabels: { "kubernetes.io/metadata.name": market } };
  const metadata = { name: market, namespace: REGISTRATION_NAMESPACE };
  const policy = lockerPolicy(market, { namespaceSelector, names: ["shop"] });
  await cluster.kubectl(["apply", "-f", "-"], { input: JSON.stringify({ ...policy, metadata }) });
  const made = "hrl/market.shop";
  await inRegistration(cluster, "wait", "--for=create", made, "--timeout=30s");
  await inRegistration(cluster, "wait", "--for=condition=Locked", made, "--timeout=30s");
  const greeting = await greetingOf(cluster, market);
  await editGreeting(cluster, market);
  await untilGreeting(cluster, greeting, market);
  await inRegistration(cluster, "delete", "hlp/market");
  await inRegistration(cluster, "wait", "--for=delete", made, "--timeout=30s");
  await cluster.helm(["uninstall", "shop", `--namespace=${market}`]);
}

function untilGreeting(cluster: Tools, greeting: string, namespace = "demo"): Promise<string> {
  const restored = `--for=jsonpath={.data.greeting}=${greeting}`;
  return kubectlIn(cluster, namespace, "wait", "configmap/shop", restored, "--timeout=30s");
}

function inRegistration(cluster: Tools, ...args: string[]): Promise<string> {
  return kubectlIn(cluster, REGISTRATION_NAMESPACE, ...args);
}

/** Edits an object again and again, as somebody else each time, until something is over. @returns how long the slowest revert took, in milliseconds */
export async function slowestRevert(cluster: Tools, over: Promise<unknown>): Promise<number> {
  const state = { isOver: false };
  const ended = over.finally(() => (state.isOver = true));
  const greeting = await greetingOf(cluster);
  let slowest = 0;
  while (!state.isOver) {
    hands += 1;
    const patch = `--patch=${JSON.stringify({ data: { greeting: `Closed ${hands}` } })}`;
    await inDemo(cluster, "patch", "configmap/shop", `--field-manager=hand-${hands}`, patch);
    const start = performance.now();
    await untilGreeting(cluster, greeting);
    slowest = Math.max(slowest, performance.now() - start);
  }
  await ended;
  return slowest;
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
  await inRegistration(cluster, "delete", "hrl/shop", "--timeout=30s");
  assert.equal(await greetingOf(cluster), "Closed");
}
