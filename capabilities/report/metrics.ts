import { Counter, Gauge, Registry } from "prom-client";
import type { ReleaseRef } from "../release/release";

/** What the locker counts, for Prometheus. */
export class Metrics {
  readonly #registry = new Registry();
  readonly #reverts = new Counter({
    name: "helm_locker_reverts_total",
    help: "Changes to objects of locked releases that were reverted.",
    labelNames: ["release_namespace", "release", "kind", "operation"],
    registers: [this.#registry],
  });
  readonly #locks: Gauge;

  /** @param states the state of every release that a HelmRelease names, read when the metrics are */
  constructor(states: () => Iterable<string>) {
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
  }

  /** Counts one revert. */
  reverted(release: ReleaseRef, kind: string, operation: string): void {
    this.#reverts.inc({ release_namespace: release.namespace, release: release.name, kind, operation });
  }

  /** Shows all of it together with what another collector shows, in Prometheus' text format. */
  appendTo(collector: { getMetrics: () => Promise<string> }): void {
    const { getMetrics } = collector;
    collector.getMetrics = async () => `${await getMetrics()}\n${await this.#registry.metrics()}`;
  }
}
