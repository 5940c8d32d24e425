import { lockerChart } from "../../artifacts/chart";
import { LOCKER_IMAGE, lockerImage } from "../../artifacts/image/locker";
import type { PodCluster } from "../../clusters/pod-cluster";
import type { DeployedPods } from "./pods";

/** Where the chart is installed. */
export const LOCKER_NAMESPACE = "tools";

/** Name of the release, and of everything in it. */
export const LOCKER_RELEASE = "helm-locker";

/** The Pods of the chart's release. */
export const CHART_PODS: DeployedPods = {
  namespace: LOCKER_NAMESPACE,
  deployment: LOCKER_RELEASE,
  selector: `app.kubernetes.io/name=${LOCKER_RELEASE}`,
};

/** The locker's user name at the API server. */
export const CHART_USER = `system:serviceaccount:${LOCKER_NAMESPACE}:${LOCKER_RELEASE}`;

const RESTRICTED = {
  apiVersion: "v1",
  kind: "Namespace",
  metadata: { name: LOCKER_NAMESPACE, labels: { "pod-security.kubernetes.io/enforce": "restricted" } },
};

/** The helm command for the locker's release: it waits until its Pod is ready. */
export async function operation(verb: "install" | "upgrade", ...flags: string[]): Promise<string[]> {
  const [repository = "", tag = ""] = LOCKER_IMAGE.split(":");
  const image = [`--set=image.repository=${repository}`, `--set-string=image.tag=${tag}`];
  const place = [await lockerChart(), `--namespace=${LOCKER_NAMESPACE}`];
  return [verb, LOCKER_RELEASE, ...place, ...image, "--wait", "--timeout=120s", ...flags];
}

/** Installs the chart in a namespace that enforces Pod Security's restricted. @throws CommandError */
export async function installChart(cluster: PodCluster): Promise<void> {
  await cluster.importImage(await lockerImage());
  await cluster.kubectl(["create", "-f", "-"], { input: JSON.stringify(RESTRICTED) });
  await cluster.helm(await operation("install"));
}
