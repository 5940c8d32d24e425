import { Counter, Gauge, Histogram, Registry } from "prom-client";
import packageJson from "../../package.json";
import type { Tally } from "../cluster/tally";
import type { Kind } from "../kube/kinds";
import type { ReleaseRef } from "../release/release";
import type { HelmReleases } from "../state/helm-releases";
import type { Store } from "../state/store";
import { gaugesOf, labelsOf, type Gauged } from "./gauges";
import { isInvalid, isReady, type Known } from "./helm-release-view";
import { Managers } from "./managers";
import { METRICS } from "./metrics-table";

/** Seconds: most reverts take some milliseconds, and some have to wait for a webhook or a fight. */
const BUCKETS = [0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60];

/** A change, as far as it is counted. */
interface Changed {
  readonly release: ReleaseRef;
  readonly kind: string;
  readonly operation: string;
  /** Who had made it. */
  readonly by: readonly string[];
}

/** The locker's Prometheus metrics. */
export class Metrics {
  readonly #registry = new Registry();
  readonly #managers = new Managers();
  readonly #reverts = this.#counter(METRICS.reverts);
  readonly #drifts = this.#counter(METRICS.drifts);
  readonly #detected = this.#counter(METRICS.detected);
  readonly #restarts = this.#counter(METRICS.restarts);
  readonly #duration = new Histogram({
    ...METRICS.duration,
    buckets: BUCKETS,
    registers: [this.#registry],
  });

  /** @param tally of the API server's answers; read, like what the gauges show, whenever the metrics are */
  constructor({ tally, ...gauged }: Gauged & { tally: Pick<Tally, "answered"> }) {
    for (const [metric, samples] of gaugesOf(gauged)) {
      const gauge: Gauge = new Gauge({
        ...metric,
        registers: [this.#registry],
        collect: () => {
          gauge.reset();
          for (const [labels, value] of samples()) gauge.inc(labels, value);
        },
      });
    }
    const requests = this.#counter(METRICS.requests, () => {
      requests.reset();
      for (const { count, ...labels } of tally.answered) requests.inc(labels, count);
    });
    const build = new Gauge({ ...METRICS.build, registers: [this.#registry] });
    build.set({ version: packageJson.version, nodejs: process.version }, 1);
  }

  /** Counts one revert. @param tookMs from when the change was seen */
  reverted({ tookMs, ...changed }: Changed & { readonly tookMs: number }): void {
    this.#count(this.#reverts, changed);
    this.#duration.observe({ operation: changed.operation }, tookMs / 1000);
  }

  /** Counts one change that was only told of. */
  drifted(changed: Changed): void {
    this.#count(this.#drifts, changed);
  }

  /** Counts a watch that sees again. */
  restarted({ group, kind }: Pick<Kind, "group" | "kind">): void {
    this.#restarts.inc({ group, kind });
  }

  /** Adds all metrics to those of another collector, in Prometheus' text format. */
  appendTo(collector: { getMetrics: () => Promise<string> }): void {
    const { getMetrics } = collector;
    collector.getMetrics = async () => `${await getMetrics()}\n${await this.#registry.metrics()}`;
  }

  #count(changes: Counter, { release, kind, operation, by }: Changed): void {
    const labels = { ...labelsOf({ release }), kind, operation };
    changes.inc(labels);
    for (const manager of this.#managers.labelsFor(by)) this.#detected.inc({ ...labels, manager });
  }

  #counter(
    metric: { name: string; help: string; labelNames: readonly string[] },
    collect?: () => void,
  ): Counter {
    return new Counter({ ...metric, registers: [this.#registry], ...(collect && { collect }) });
  }
}

/** The metrics of what a locker knows. */
export function metricsOf({
  store,
  helmReleases,
  controllerName,
  ...others
}: {
  store: Known & Pick<Store, "locks" | "lockFor">;
  helmReleases: Pick<HelmReleases, "get" | "all">;
  controllerName: string;
  watched: Gauged["watched"];
  queue: Gauged["queue"];
  rank: Gauged["rank"];
  tally: Tally;
}): Metrics {
  return new Metrics({
    ...others,
    locks: () => store.locks(),
    invalid: () =>
      Array.from(helmReleases.all())
        .filter(one => isInvalid(one, controllerName, store))
        .map(({ metadata }) => metadata.name),
    isReady: lock => isReady(lock, { known: helmReleases, controllerName, store }),
  });
}
