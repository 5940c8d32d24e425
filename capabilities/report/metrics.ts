import { Counter, Gauge, Registry } from "prom-client";
import type { ReleaseRef } from "../release/release";
import type { Lock, Tracked } from "../state/lock";
import type { Phase } from "../state/phase";
import type { Queue } from "../work/queue";

/** Every metric. */
export const METRICS = {
  reverts: {
    name: "helm_locker_reverts_total",
    help: "Changes to objects of locked releases that were reverted.",
    labelNames: ["release_namespace", "release", "kind", "operation"],
  },
  drifts: {
    name: "helm_locker_drifts_total",
    help: "Changes to objects of releases in mode warn, which were told of and not reverted.",
    labelNames: ["release_namespace", "release", "kind", "operation"],
  },
  releases: {
    name: "helm_locker_releases",
    help: "Releases that a HelmRelease names, by state.",
    labelNames: ["state"],
  },
  ignored: {
    name: "helm_locker_ignored_fields",
    help: "Fields that are left as they are, as a known controller may write them or the policy says so.",
    labelNames: ["release_namespace", "release"],
  },
  foreign: {
    name: "helm_locker_foreign_fields",
    help: "Fields of the manifest that somebody but Helm owns.",
    labelNames: ["release_namespace", "release"],
  },
  drifted: {
    name: "helm_locker_drifted_objects",
    help: "Objects that differ from what their release wants, and stand so.",
    labelNames: ["release_namespace", "release"],
  },
  length: {
    name: "helm_locker_queue_length",
    help: "Things to look at, each counted once: waiting, being looked at, or to be tried again.",
    labelNames: [],
  },
  due: {
    name: "helm_locker_queue_due",
    help: "Those of them that wait for their turn or are being looked at.",
    labelNames: [],
  },
} satisfies Record<string, { name: string; help: string; labelNames: string[] }>;

/** What of a lock is counted. */
interface Counted extends Pick<Lock, "release"> {
  readonly phase: Pick<Phase, "state"> | undefined;
  readonly objects: ReadonlyMap<string, Pick<Tracked, "ignored" | "foreign" | "drift">>;
}

/** The locker's Prometheus metrics. */
export class Metrics {
  readonly #registry = new Registry();
  readonly #reverts = new Counter({ ...METRICS.reverts, registers: [this.#registry] });
  readonly #drifts = new Counter({ ...METRICS.drifts, registers: [this.#registry] });

  /**
   * @param locks of every release that a HelmRelease names; read, like the queue, whenever the metrics are
   */
  constructor({ locks, queue }: { locks: () => Iterable<Counted>; queue: Pick<Queue, "size" | "due"> }) {
    this.#gauge(METRICS.releases, gauge => {
      for (const { phase } of locks()) if (phase) gauge.inc({ state: phase.state });
    });
    for (const what of ["ignored", "foreign"] as const)
      this.#gauge(METRICS[what], gauge => {
        for (const { release, objects } of locks())
          for (const { [what]: count = 0 } of objects.values()) gauge.inc(labelsOf(release), count);
      });
    this.#gauge(METRICS.drifted, gauge => {
      for (const { release, objects } of locks()) {
        const count = [...objects.values()].filter(({ drift }) => drift).length;
        gauge.inc(labelsOf(release), count);
      }
    });
    this.#gauge(METRICS.length, gauge => {
      gauge.set(queue.size);
    });
    this.#gauge(METRICS.due, gauge => {
      gauge.set(queue.due);
    });
  }

  /** Counts one revert. */
  reverted(release: ReleaseRef, kind: string, operation: string): void {
    this.#reverts.inc({ ...labelsOf(release), kind, operation });
  }

  /** Counts one change that was only told of. */
  drifted(release: ReleaseRef, kind: string, operation: string): void {
    this.#drifts.inc({ ...labelsOf(release), kind, operation });
  }

  /** Adds all metrics to those of another collector, in Prometheus' text format. */
  appendTo(collector: { getMetrics: () => Promise<string> }): void {
    const { getMetrics } = collector;
    collector.getMetrics = async () => `${await getMetrics()}\n${await this.#registry.metrics()}`;
  }

  /** @param collect fills it whenever the metrics are read; it is empty then */
  #gauge<T extends string>(
    metric: { name: string; help: string; labelNames: T[] },
    collect: (gauge: Gauge<T>) => void,
  ): void {
    const gauge: Gauge<T> = new Gauge({
      ...metric,
      registers: [this.#registry],
      collect: () => {
        gauge.reset();
        collect(gauge);
      },
    });
  }
}

function labelsOf({ namespace, name }: ReleaseRef) {
  return { release_namespace: namespace, release: name };
}
