import type { Cluster } from "../cluster/k8s";
import type { WriteConfig } from "../cluster/write-config";
import type { KubeObject } from "../kube/object";
import type { Tracked } from "../state/lock";

/** Writes by server-side apply or, if the server refuses that (SchemaError), as Helm's client side does. */
export function applyAs(
  cluster: Cluster,
  { kind, isApplicable }: Pick<Tracked, "kind" | "isApplicable">,
  payload: KubeObject,
  config: WriteConfig,
): Promise<KubeObject> {
  const api = cluster.K8s(kind);
  return isApplicable ? api.Apply(payload, { ...config, force: true }) : api.Merge(payload, config);
}
