import type { Tools } from "../../hack/clusters/tools";
import { collection } from "../../hack/lib/objects";
import { kubectlFor, podOf, untilRolledOut, type DeployedPods } from "../../hack/locker/deployed/pods";

/** Removes the Pod without a grace period, like somebody who gives up on a node. */
export async function killPod(cluster: Tools, pods: DeployedPods): Promise<void> {
  const name = await podOf(cluster, pods);
  await kubectlFor(cluster, pods, "delete", "pod", name, "--grace-period=0", "--force");
}

/** Evicts the Pod, as draining a node does, and waits until it is gone. */
export async function evictPod(cluster: Tools, pods: DeployedPods): Promise<void> {
  const name = await podOf(cluster, pods);
  const { namespace } = pods;
  const eviction = { apiVersion: "policy/v1", kind: "Eviction", metadata: { name, namespace } };
  const path = `${collection("v1", "pods", namespace)}/${name}/eviction`;
  await cluster.kubectl(["create", "--raw", path, "-f", "-"], { input: JSON.stringify(eviction) });
  await untilGone(cluster, pods, `pod/${name}`);
}

/** Sets the number of Pods, and waits until that many are ready. */
export async function scalePods(cluster: Tools, pods: DeployedPods, replicas: number): Promise<void> {
  await kubectlFor(cluster, pods, "scale", `deployment/${pods.deployment}`, `--replicas=${replicas}`);
  await untilRolledOut(cluster, pods);
  if (replicas === 0) await untilGone(cluster, pods, "pod", `--selector=${pods.selector}`);
}

async function untilGone(cluster: Tools, pods: DeployedPods, ...which: string[]): Promise<void> {
  await kubectlFor(cluster, pods, "wait", "--for=delete", ...which, "--timeout=60s");
}
