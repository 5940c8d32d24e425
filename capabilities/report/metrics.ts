import { Counter, Gauge, Registry } from "prom-client";
import type { ReleaseRef } from "../release/release";

/** The locker's Prometheus metrics. */
export class Metrics {
  readonly #registry = new Registry();
  readonly #reverts = new Counter({
    name: "helm_locker_reverts_total",
    help: "Changes to objects of locked releases that were reverted.",
    labelNames: ["release_namespace", "release", "kind", "operation"],
    registers: [this.#registry],
  });
  readonly #locks: Gauge;

  /**
   * Both callbacks run whenever the metrics are read. They return the state of every release that a HelmRelease names,
   * and the number of requests in the queue.
   */
  constructor({ states, queueLength }: { states: () => Iterable<string>; queueLength: () => number }) {
    this.#locks = new Gauge({
      name: "helm_locker_releases",
      help: "Releases that a HelmRelease names, by state.",
      labelNames: ["state"],
      registers: [this.#registry],
      collect: () => {
        this.#locks.reset();
        for (const state of states()) this.#locks.inc({ state });
      },
    });
    const queue = new Gauge({
      name: "helm_locker_queue_length",
      help: "Things to look at, each counted once: waiting, being looked at, or to be tried again.",
      registers: [this.#registry],
      collect: () => {
        queue.set(queueLength());
      },
    });
  }

  /** Counts one revert. */
  reverted(release: ReleaseRef, kind: string, operation: string): void {
    this.#reverts.inc({ release_namespace: release.namespace, release: release.name, kind, operation });
  }

  /** Adds all metrics to those of another collector, in Prometheus' text format. */
  appendTo(collector: { getMetrics: () => Promise<string> }): void {
    const { getMetrics } = collector;
    collector.getMetrics = async () => `${await getMetrics()}\n${await this.#registry.metrics()}`;
  }
}
