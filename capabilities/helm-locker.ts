import { GenericKind } from "kubernetes-fluent-client";
import { Capability, metricsCollector } from "pepr";
import { helmReleaseKind } from "../crds/helm-release";
import { Cluster } from "./cluster/k8s";
import { loadConfig } from "./config";
import { Locker, type Bindings } from "./lock/locker";
import { MANAGED_BY_HELM, MANAGED_BY_LABEL } from "./release/ownership";
import { createLog } from "./report/log";
import { CONFIG_MAPS, releaseRecords, SECRETS } from "./sources/release-records";
import { HELM_RELEASES } from "./state/helm-releases";

/** The kind of a HelmRelease, as Pepr wants it. */
class HelmRelease extends GenericKind {}

const config = loadConfig();

/** The log of the process. */
export const log = createLog(config.logLevel);

/** Pepr also loads a module to see what it would watch: only a running one has a cluster. */
const isRunning = process.env.PEPR_WATCH_MODE === "true" || process.env.PEPR_MODE === "dev";

export const HelmLocker = new Capability({
  name: "helm-locker",
  description: "Reverts every change to the objects of a Helm release that Helm did not make.",
});

/** Everything that the locker follows itself, in the words of Pepr's fluent client. */
function bindings(cluster: Cluster): Bindings {
  return {
    // Pepr's watch begins some seconds after the start and tells of no deletion before that: it rings (below), this one tells.
    helmReleases: cluster.K8s(HELM_RELEASES).InNamespace(config.namespace),
    // Pepr's watches hold every object whole, payload and all: here metadata tells the phase.
    records: {
      Secret: releaseRecords(cluster.K8s(SECRETS)),
      ConfigMap: releaseRecords(cluster.K8s(CONFIG_MAPS)),
    },
    // Pepr's bindings are fixed when the module loads: here a watch is opened with the first lock that needs the kind.
    tracked: kind => cluster.K8s(kind).WithLabel(MANAGED_BY_LABEL, MANAGED_BY_HELM),
  };
}

const cluster = isRunning ? new Cluster() : undefined;

/** The engine; undefined where the module is only looked at. */
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
