import { GenericKind } from "kubernetes-fluent-client";
import { Capability, metricsCollector } from "pepr";
import { helmReleaseKind } from "../crds/helm-release";
import { Cluster } from "./cluster/k8s";
import { loadConfig } from "./config";
import type { Bindings } from "./lock/bindings";
import { Locker } from "./lock/locker";
import { MANAGED_BY_HELM, MANAGED_BY_LABEL } from "./release/ownership";
import { createLog } from "./report/log";
import { CONFIG_MAPS, releaseRecords, SECRETS } from "./sources/release-records";
import { HELM_RELEASES } from "./state/helm-releases";
import { LOCKER_POLICIES } from "./state/locker-policies";
import { NAMESPACES } from "./state/namespaces";

/** The kind of a HelmRelease, in Pepr's form. */
class HelmRelease extends GenericKind {}

const config = loadConfig();

/** The log of the process. */
export const log = createLog(config.logLevel);

/** Pepr also loads a module to see what it would watch: only a running module has a cluster. */
const isRunning = process.env.PEPR_WATCH_MODE === "true" || process.env.PEPR_MODE === "dev";

export const HelmLocker = new Capability({
  name: "helm-locker",
  description: "Reverts every change to the objects of a Helm release that Helm did not make.",
});

/** Everything that the locker itself follows, in the terms of Pepr's fluent client. */
function bindings(cluster: Cluster): Bindings {
  return {
    // Pepr's watch begins some seconds after the start and reports no deletion before that. So it only rings (below),
    // and this watch reports.
    helmReleases: cluster.K8s(HELM_RELEASES).InNamespace(config.namespace),
    lockerPolicies: cluster.K8s(LOCKER_POLICIES).InNamespace(config.namespace),
    namespaces: cluster.K8s(NAMESPACES).MetadataOnly(),
    // Pepr's watches hold every object whole, including the payload; here metadata shows the phase.
    records: {
      Secret: releaseRecords(cluster.K8s(SECRETS)),
      ConfigMap: releaseRecords(cluster.K8s(CONFIG_MAPS)),
    },
    // Pepr's bindings are fixed when the module loads; here a watch opens with the first lock that needs the kind.
    tracked: kind => cluster.K8s(kind).WithLabel(MANAGED_BY_LABEL, MANAGED_BY_HELM),
    single: (kind, ref) => cluster.K8s(kind, ref),
  };
}

const cluster = isRunning ? new Cluster() : undefined;

/** The engine; undefined if Pepr only inspects the module. */
export const locker = cluster && new Locker({ config, cluster, log, bindings: bindings(cluster) });

HelmLocker.When(HelmRelease, helmReleaseKind)
  .IsCreatedOrUpdated()
  .InNamespace(config.namespace)
  .Watch(() => locker?.ring());

HelmLocker.When(HelmRelease, helmReleaseKind)
  .IsDeleted()
  .InNamespace(config.namespace)
  .Watch(() => locker?.ring());

locker?.metrics.appendTo(metricsCollector);
locker?.start();
