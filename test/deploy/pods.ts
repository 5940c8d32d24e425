import assert from "node:assert/strict";
import { z } from "zod";
import type { PodCluster } from "../../hack/clusters/pod-cluster";

type Kubectl = Pick<PodCluster, "kubectl">;

/** The Pods of one Deployment: its name, its namespace, and the selector of its Pods. */
export interface DeployedPods {
  namespace: string;
  deployment: string;
  selector: string;
}

/** Waits until the Deployment's Pods are ready and up to date. */
export async function untilRolledOut(cluster: Kubectl, pods: DeployedPods): Promise<void> {
  await inNamespace(cluster, pods, "rollout", "status", `deployment/${pods.deployment}`, "--timeout=120s");
}

const podList = z.object({
  items: z.array(
    z.object({
      metadata: z.object({ name: z.string(), deletionTimestamp: z.string().optional() }),
      status: z.object({ phase: z.string() }),
    }),
  ),
});

/** Name of one of the Pods that run and are to stay. */
export async function podOf(cluster: Kubectl, pods: DeployedPods): Promise<string> {
  const answer = await inNamespace(
    cluster,
    pods,
    "get",
    "pods",
    `--selector=${pods.selector}`,
    "--output=json",
  );
  const staying = podList
    .parse(JSON.parse(answer))
    .items.find(
      ({ metadata, status }) => metadata.deletionTimestamp === undefined && status.phase === "Running",
    );
  assert.ok(staying, `no Pod of ${pods.deployment} runs`);
  return staying.metadata.name;
}

/** Takes the Pod away without a grace period, as who gives up on a node does. */
export async function killPod(cluster: Kubectl, pods: DeployedPods): Promise<void> {
  await inNamespace(
    cluster,
    pods,
    "delete",
    "pod",
    await podOf(cluster, pods),
    "--grace-period=0",
    "--force",
  );
}

/** Evicts the Pod, as draining a node does, and waits until it is gone. */
export async function evictPod(cluster: Kubectl, pods: DeployedPods): Promise<void> {
  const name = await podOf(cluster, pods);
  const { namespace } = pods;
  const eviction = { apiVersion: "policy/v1", kind: "Eviction", metadata: { name, namespace } };
  const path = `/api/v1/namespaces/${namespace}/pods/${name}/eviction`;
  await cluster.kubectl(["create", "--raw", path, "-f", "-"], { input: JSON.stringify(eviction) });
  await inNamespace(cluster, pods, "wait", "--for=delete", `pod/${name}`, "--timeout=60s");
}

/** Sets the number of Pods, and waits until so many are ready. */
export async function scalePods(cluster: Kubectl, pods: DeployedPods, replicas: number): Promise<void> {
  await inNamespace(cluster, pods, "scale", `deployment/${pods.deployment}`, `--replicas=${replicas}`);
  await untilRolledOut(cluster, pods);
  if (replicas > 0) return;
  await inNamespace(
    cluster,
    pods,
    "wait",
    "--for=delete",
    "pod",
    `--selector=${pods.selector}`,
    "--timeout=60s",
  );
}

function inNamespace(cluster: Kubectl, { namespace }: DeployedPods, ...args: string[]): Promise<string> {
  return cluster.kubectl([`--namespace=${namespace}`, ...args]);
}
