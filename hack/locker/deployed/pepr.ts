import type { PodCluster } from "../../clusters/pod-cluster";
import { bin } from "../../lib/project";
import { untilRolledOut, type DeployedPods } from "./pods";

/** The Pods that `npx pepr deploy` creates. */
export const PEPR_PODS: DeployedPods = {
  namespace: "pepr-system",
  deployment: "pepr-helm-locker-watcher",
  selector: "pepr.dev/controller=watcher",
};

/** The locker's user name at the API server. */
export const PEPR_USER = "system:serviceaccount:pepr-system:pepr-helm-locker";

/** `pepr deploy` itself waits for its Pods forever. */
const TIMEOUT_SECONDS = "240";

/** Runs `npx pepr deploy` on the module in the folder `cwd`, and waits until its Pods are ready. @throws CommandError */
export async function peprDeploy(cluster: PodCluster, cwd: string): Promise<void> {
  const command = [process.execPath, bin("pepr"), "deploy", "--yes"];
  await cluster.run(["timeout", TIMEOUT_SECONDS, ...command], { cwd });
  // If one deployment replaces another, Pepr also counts the old Pods.
  await untilRolledOut(cluster, PEPR_PODS);
}
