import { GenericKind } from "kubernetes-fluent-client";
import { Capability, metricsCollector } from "pepr";
import { helmReleaseKind } from "../crds/helm-release";
import { KubeClient } from "./cluster/client";
import { RELEASE_RECORDS } from "./cluster/records";
import { loadConfig } from "./config";
import { Locker } from "./lock/locker";
import { createLog } from "./report/log";

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

/** The engine; undefined where the module is only looked at. */
export const locker = isRunning
  ? new Locker({
      config,
      client: KubeClient.fromEnvironment(),
      log,
      records: RELEASE_RECORDS,
    })
  : undefined;

HelmLocker.When(HelmRelease, helmReleaseKind)
  .IsCreatedOrUpdated()
  .InNamespace(config.namespace)
  .Watch(helmRelease => locker?.observe(helmRelease));

HelmLocker.When(HelmRelease, helmReleaseKind)
  .IsDeleted()
  .InNamespace(config.namespace)
  .Watch(helmRelease => locker?.forget(helmRelease));

locker?.metrics.appendTo(metricsCollector);
locker?.start();
