import { Counter, Gauge, Registry } from "prom-client";
import type { ReleaseRef } from "../release/release";
import type { Queue } from "../work/queue";

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
   * @param states called whenever the metrics are read; returns the state of every release that a HelmRelease names
   * @param queue read whenever the metrics are
   */
  constructor({ states, queue }: { states: () => Iterable<string>; queue: Pick<Queue, "size" | "due"> }) {
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
    const length = new Gauge({
      name: "helm_locker_queue_length",
      help: "Things to look at, each counted once: waiting, being looked at, or to be tried again.",
      registers: [this.#registry],
      collect: () => {
        length.set(queue.size);
      },
    });
    const due = new Gauge({
      name: "helm_locker_queue_due",
      help: "Those of them that wait for their turn or are being looked at.",
      registers: [this.#registry],
      collect: () => {
        due.set(queue.due);
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
