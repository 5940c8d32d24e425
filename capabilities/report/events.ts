import type { HelmRelease } from "../../crds/helm-release";
import { HELM_RELEASES } from "../cluster/helm-releases";
import type { Objects } from "../cluster/objects";
import type { Queue } from "../lock/queue";

/** Least time between two writes of one Event, in milliseconds. */
const INTERVAL = 1_000;

/** How long one Event goes on counting, in milliseconds; then a new one is made. */
const LIFETIME = 600_000;

/** Reasons of the Events on a HelmRelease. The first three are the original's. */
export type EventReason = "Locked" | "Transitioning" | "Untracked" | "Reverted";

interface Series {
  readonly name: string;
  readonly born: number;
  readonly first: string;
  written: number;
  count: number;
  message: string;
}

const EVENT = { apiVersion: "v1", kind: "Event", plural: "events", namespaced: true };

/** Writes Events on HelmReleases, repeated ones as a count. */
export class Events {
  readonly #objects: Objects;
  readonly #queue: Queue;
  readonly #failed: (error: unknown) => void;
  readonly #series = new Map<string, Series>();

  constructor(objects: Objects, queue: Queue, failed: (error: unknown) => void) {
    this.#objects = objects;
    this.#queue = queue;
    this.#failed = failed;
  }

  /**
   * Notes an Event; it is written soon. Events of one reason about the same thing are one that counts, written at most once a second.
   *
   * @param about what the Event is about, where that is not the whole HelmRelease
   */
  emit(helmRelease: HelmRelease, reason: EventReason, message: string, about = ""): void {
    const key = `event ${helmRelease.metadata.uid ?? ""} ${reason} ${about}`;
    const now = Date.now();
    const series = this.#current(key, helmRelease, now);
    series.count++;
    series.message = message;
    const task = {
      key,
      group: key,
      run: () => this.#write(helmRelease, reason, series),
      failed: this.#failed,
    };
    this.#queue.addAfter(task, Math.max(0, series.written + INTERVAL - now));
  }

  #current(key: string, helmRelease: HelmRelease, now: number): Series {
    const known = this.#series.get(key);
    if (known && now - known.born < LIFETIME) return known;
    for (const [old, { born }] of this.#series) if (now - born >= LIFETIME) this.#series.delete(old);
    const name = `${helmRelease.metadata.name}.${now.toString(16)}${Math.floor(Math.random() * 65536).toString(16)}`;
    const series = { name, born: now, first: new Date(now).toISOString(), written: 0, count: 0, message: "" };
    this.#series.set(key, series);
    return series;
  }

  async #write(helmRelease: HelmRelease, reason: EventReason, series: Series): Promise<void> {
    series.written = Date.now();
    const { name, namespace, uid } = helmRelease.metadata;
    await this.#objects.upsert(EVENT, {
      apiVersion: "v1",
      kind: "Event",
      metadata: { name: series.name, namespace },
      type: "Normal",
      reason,
      message: series.message.slice(0, 1024),
      count: series.count,
      firstTimestamp: toSeconds(series.first),
      lastTimestamp: toSeconds(new Date(series.written).toISOString()),
      source: { component: "helm-locker" },
      reportingComponent: "helm-locker",
      reportingInstance: "helm-locker",
      involvedObject: {
        apiVersion: HELM_RELEASES.apiVersion,
        kind: HELM_RELEASES.kind,
        name,
        namespace,
        uid: uid ?? "",
      },
    });
  }
}

/** metav1.Time has whole seconds. */
function toSeconds(time: string): string {
  return `${time.slice(0, 19)}Z`;
}
