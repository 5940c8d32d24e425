import { Counter, Gauge, Registry } from "prom-client";
import type { ReleaseRef } from "../release/release";
import type { Lock, Tracked } from "../state/lock";
import type { Phase } from "../state/phase";
import type { Queue } from "../work/queue";

/** What of a lock is counted. */
interface Counted extends Pick<Lock, "release"> {
  readonly phase: Pick<Phase, "state"> | undefined;
  readonly objects: ReadonlyMap<string, Pick<Tracked, "ignored" | "drift">>;
}

/** The locker's Prometheus metrics. */
export class Metrics {
  readonly #registry = new Registry();
  readonly #reverts = new Counter({
    name: "helm_locker_reverts_total",
    help: "Changes to objects of locked releases that were reverted.",
    labelNames: ["release_namespace", "release", "kind", "operation"],
    registers: [this.#registry],
  });
  readonly #drifts = new Counter({
    name: "helm_locker_drifts_total",
    help: "Changes to objects of releases in mode warn, which were told of and not reverted.",
    labelNames: ["release_namespace", "release", "kind", "operation"],
    registers: [this.#registry],
  });
  readonly #locks: Gauge;
  readonly #ignored: Gauge;
  readonly #drifted: Gauge;

  /**
   * @param locks of every release that a HelmRelease names; read, like the queue, whenever the metrics are
   */
  constructor({ locks, queue }: { locks: () => Iterable<Counted>; queue: Pick<Queue, "size" | "due"> }) {
    this.#locks = new Gauge({
      name: "helm_locker_releases",
      help: "Releases that a HelmRelease names, by state.",
      labelNames: ["state"],
      registers: [this.#registry],
      collect: () => {
        this.#locks.reset();
        for (const { phase } of locks()) if (phase) this.#locks.inc({ state: phase.state });
      },
    });
    this.#ignored = new Gauge({
      name: "helm_locker_ignored_fields",
      help: "Fields that are left as they are because a known controller may write them.",
      labelNames: ["release_namespace", "release"],
      registers: [this.#registry],
      collect: () => {
        this.#ignored.reset();
        for (const { release, objects } of locks())
          for (const { ignored = 0 } of objects.values())
            this.#ignored.inc({ release_namespace: release.namespace, release: release.name }, ignored);
      },
    });
    this.#drifted = new Gauge({
      name: "helm_locker_drifted_objects",
      help: "Objects that differ from what their release wants, and stand so.",
      labelNames: ["release_namespace", "release"],
      registers: [this.#registry],
      collect: () => {
        this.#drifted.reset();
        for (const { release, objects } of locks()) {
          const count = [...objects.values()].filter(({ drift }) => drift).length;
          this.#drifted.inc({ release_namespace: release.namespace, release: release.name }, count);
        }
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

  /** Counts one change that was only told of. */
  drifted(release: ReleaseRef, kind: string, operation: string): void {
    this.#drifts.inc({ release_namespace: release.namespace, release: release.name, kind, operation });
  }

  /** Adds all metrics to those of another collector, in Prometheus' text format. */
  appendTo(collector: { getMetrics: () => Promise<string> }): void {
    const { getMetrics } = collector;
    collector.getMetrics = async () => `${await getMetrics()}\n${await this.#registry.metrics()}`;
  }
}
