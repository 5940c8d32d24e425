import { helmReleaseCrd, isOutdated } from "../../crds/crd";
import { bring } from "../cluster/bring";
import type { Cluster } from "../cluster/k8s";
import { DEFINITIONS } from "../kube/kinds";

/**
 * Creates the HelmRelease CRD if it is missing, and upgrades an older one, or that of Rancher's helm-locker, to this
 * one, which accepts everything that they accept: Helm never changes a chart's CRDs in an upgrade. A newer CRD stays.
 *
 * @throws ApiError, NetworkError
 */
export function bringDefinition(cluster: Cluster): Promise<void> {
  return bring(cluster, DEFINITIONS, helmReleaseCrd, ({ metadata }) => isOutdated(metadata.annotations));
}
