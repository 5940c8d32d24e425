import { z } from "zod";
import type { Tools } from "../../clusters/tools";

/** The Pods of one Deployment: its name, its namespace, and the selector of its Pods. */
export interface DeployedPods {
  namespace: string;
  deployment: string;
  selector: string;
}

/** Runs kubectl in the Pods' namespace. */
export function kubectlFor(cluster: Tools, { namespace }: DeployedPods, ...args: string[]): Promise<string> {
  return cluster.kubectl([`--namespace=${namespace}`, ...args]);
}

/** Waits until the Deployment's Pods are ready and up to date. */
export async function untilRolledOut(cluster: Tools, pods: DeployedPods): Promise<void> {
  await kubectlFor(cluster, pods, "rollout", "status", `deployment/${pods.deployment}`, "--timeout=120s");
}

const podList = z.object({
  items: z.array(
    z.object({
      metadata: z.object({ name: z.string(), deletionTimestamp: z.string().optional() }),
      status: z.object({ phase: z.string() }),
    }),
  ),
});

/** Name of one of the Pods that run and are not being deleted. @throws Error if there is none */
export async function podOf(cluster: Tools, pods: DeployedPods): Promise<string> {
  const list = ["get", "pods", `--selector=${pods.selector}`, "--output=json"];
  const { items } = podList.parse(JSON.parse(await kubectlFor(cluster, pods, ...list)));
  const staying = items.find(
    ({ metadata, status }) => metadata.deletionTimestamp === undefined && status.phase === "Running",
  );
  if (staying === undefined) throw new Error(`no Pod of ${pods.deployment} runs`);
  return staying.metadata.name;
}
