import { helmReleaseCrd, isOutdated } from "../../crds/crd";
import { bring } from "../cluster/bring";
import type { Cluster } from "../cluster/k8s";
import { DEFINITIONS } from "../kube/kinds";

/**
 * Makes the definition of HelmReleases where it is missing, and brings an older one, or that of Rancher's helm-locker, up to this one,
 * which accepts all that they accept: Helm leaves the definitions of a chart as they are in every upgrade. A newer one stays.
 *
 * @throws ApiError, NetworkError
 */
export function bringDefinition(cluster: Cluster): Promise<void> {
  return bring(cluster, DEFINITIONS, helmReleaseCrd, ({ metadata }) => isOutdated(metadata.annotations));
}
