import type { PodCluster } from "../../clusters/pod-cluster";
import { bin } from "../../lib/project";
import { untilRolledOut, type DeployedPods } from "./pods";

/** The Pods that `npx pepr deploy` makes. */
export const PEPR_PODS: DeployedPods = {
  namespace: "pepr-system",
  deployment: "pepr-helm-locker-watcher",
  selector: "pepr.dev/controller=watcher",
};

/** Who a locker in them is to the API server. */
export const PEPR_USER = "system:serviceaccount:pepr-system:pepr-helm-locker";

/** `pepr deploy` waits for its Pods for ever. */
const TIMEOUT_SECONDS = "240";

/** Runs `npx pepr deploy` on the module in the folder `cwd`, and waits until its Pods are ready. @throws CommandError */
export async function peprDeploy(cluster: PodCluster, cwd: string): Promise<void> {
  const command = [process.execPath, bin("pepr"), "deploy", "--yes"];
  await cluster.run(["timeout", TIMEOUT_SECONDS, ...command], { cwd });
  // After a deployment over another one Pepr also counts the old Pods.
  await untilRolledOut(cluster, PEPR_PODS);
}
