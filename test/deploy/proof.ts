import assert from "node:assert/strict";
import { join } from "node:path";
import { ROOT } from "../../hack/lib/project";
import type { PodCluster } from "../../hack/clusters/pod-cluster";

/** What the proof needs of a cluster. */
type Tools = Pick<PodCluster, "kubectl" | "helm">;

const REGISTRATION_NAMESPACE = "cattle-helm-system";

const CRD = "crd/helmreleases.helm.cattle.io";

const SHOP = join(ROOT, "hack", "demo", "shop");

const HELM_RELEASE = {
  apiVersion: "helm.cattle.io/v1alpha1",
  kind: "HelmRelease",
  metadata: { name: "shop", namespace: REGISTRATION_NAMESPACE },
  spec: { release: { name: "shop", namespace: "demo" } },
};

/** Installs the demo's chart, registers the release as `hrl/shop` in `cattle-helm-system`, and waits until it is locked. */
export async function lockShop(cluster: Tools): Promise<void> {
  await cluster.helm(["install", "shop", SHOP, "--namespace=demo", "--create-namespace"]);
  await cluster.kubectl(["wait", "--for=create", CRD, "--timeout=30s"]);
  await cluster.kubectl(["wait", "--for=condition=Established", CRD, "--timeout=30s"]);
  await apply(cluster, { apiVersion: "v1", kind: "Namespace", metadata: { name: REGISTRATION_NAMESPACE } });
  await apply(cluster, HELM_RELEASE);
  const locked = ["wait", "hrl/shop", `--namespace=${REGISTRATION_NAMESPACE}`, "--for=condition=Locked"];
  await cluster.kubectl([...locked, "--timeout=30s"]);
}

/** Checks that an edit, a deletion and an addition are undone. */
export async function assertReverts(cluster: Tools): Promise<void> {
  const greeting = await drift(cluster);
  await assertUndone(cluster, greeting);
}

/** Checks that an upgrade by Helm goes through, and that what it brought is locked then. */
export async function assertUpgrades(cluster: Tools): Promise<void> {
  const greeting = `Hello after ${await greetingOf(cluster)}`;
  await cluster.helm(["upgrade", "shop", SHOP, "--namespace=demo", `--set=greeting=${greeting}`]);
  assert.equal(await greetingOf(cluster), greeting);
  await assertReverts(cluster);
}

/**
 * Checks that an edit, a deletion and an addition made while no locker runs are undone once one does.
 * @param interrupt ends the locker, and returns when it is gone
 * @param resume brings it back, where it does not come by itself
 */
export async function assertRevertsAfter(
  cluster: Tools,
  interrupt: () => Promise<unknown>,
  resume: () => Promise<unknown> = () => Promise.resolve(),
): Promise<void> {
  await interrupt();
  const greeting = await drift(cluster);
  await resume();
  await assertUndone(cluster, greeting);
}

/**
 * Checks that removing the locker leaves the release's objects as they are, free to be edited, and the HelmRelease deletable.
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

async function editGreeting(cluster: Tools): Promise<void> {
  const patch = '--patch={"data":{"greeting":"Closed"}}';
  await inDemo(cluster, "patch", "configmap", "shop", "--type=merge", patch);
}

/** Edits the ConfigMap, deletes the Service, adds a field to the Deployment, and returns the greeting as it was. */
async function drift(cluster: Tools): Promise<string> {
  const greeting = await greetingOf(cluster);
  await editGreeting(cluster);
  await inDemo(cluster, "delete", "service", "shop");
  const addition = JSON.stringify({ spec: { revisionHistoryLimit: 3 } });
  await inDemo(cluster, "patch", "deployment", "shop", "--type=merge", `--patch=${addition}`);
  return greeting;
}

async function assertUndone(cluster: Tools, greeting: string): Promise<void> {
  const untilField = (object: string, field: string, value: string): Promise<string> =>
    inDemo(cluster, "wait", object, `--for=jsonpath={${field}}=${value}`, "--timeout=60s");
  await untilField("configmap/shop", ".data.greeting", greeting);
  await inDemo(cluster, "wait", "--for=create", "service/shop", "--timeout=60s");
  // The chart leaves the field out: it has Kubernetes' default again.
  await untilField("deployment/shop", ".spec.revisionHistoryLimit", "10");
}

function greetingOf(cluster: Tools): Promise<string> {
  return inDemo(cluster, "get", "configmap", "shop", "--output=jsonpath={.data.greeting}");
}

function inDemo(cluster: Tools, ...args: string[]): Promise<string> {
  return cluster.kubectl(["--namespace=demo", ...args]);
}

async function apply(cluster: Tools, object: object): Promise<void> {
  await cluster.kubectl(["apply", "-f", "-"], { input: JSON.stringify(object) });
}
