import type { HelmRelease } from "../../crds/helm-release";
import { HELM_RELEASES } from "../cluster/helm-releases";
import { isRefusal } from "../cluster/errors";
import type { Objects } from "../cluster/objects";
import type { Queue } from "../lock/queue";
import { few } from "./words";

/** How long what there is to tell is gathered, in milliseconds. */
const INTERVAL = 1_000;

/** Source: Kubernetes, pkg/apis/core/validation, ValidateEvent. */
const MAX_MESSAGE = 1024;

/** How much of a HelmRelease's name an Event's takes on, in characters: of 253 it needs 16 for itself. */
const MAX_NAME = 230;

/** How long one Event goes on counting, in milliseconds; then a new one is made. */
const LIFETIME = 600_000;

/** Reasons of the Events on a HelmRelease. The first three are the original's. */
export type EventReason = "Locked" | "Transitioning" | "Untracked" | "Reverted";

/** One Event, which counts what is the same again. */
interface Series {
  readonly name: string;
  readonly born: number;
  readonly message: string;
  count: number;
}

/** What there is to tell of one HelmRelease for one reason. */
interface News {
  readonly messages: Set<string>;
  count: number;
  /** The Event that was written last. */
  series: Series | undefined;
}

const EVENT = { apiVersion: "v1", kind: "Event", plural: "events", namespaced: true };

/** Writes Events on HelmReleases: what comes within a second is one Event, and one that says the same again only counts. */
export class Events {
  readonly #objects: Objects;
  readonly #queue: Queue;
  readonly #failed: (error: unknown) => void;
  readonly #news = new Map<string, News>();

  constructor(objects: Objects, queue: Queue, failed: (error: unknown) => void) {
    this.#objects = objects;
    this.#queue = queue;
    this.#failed = failed;
  }

  /** Notes an Event; it is written within a second. */
  emit(helmRelease: HelmRelease, reason: EventReason, message: string): void {
    const key = `event ${helmRelease.metadata.uid ?? ""} ${reason}`;
    const news = this.#news.get(key) ?? { messages: new Set(), count: 0, series: undefined };
    this.#news.set(key, news);
    news.messages.add(message);
    news.count++;
    const task = {
      key,
      group: key,
      run: () => this.#tell(helmRelease, reason, seriesOf(news, helmRelease.metadata.name)),
      failed: this.#failed,
    };
    this.#queue.addAfter(task, INTERVAL);
  }

  /** What is refused, as in a namespace that is being deleted, is given up: nobody waits for an Event. */
  async #tell(helmRelease: HelmRelease, reason: EventReason, series: Series): Promise<void> {
    try {
      await this.#write(helmRelease, reason, series);
    } catch (error) {
      if (!isRefusal(error)) throw error;
      this.#failed(error);
    }
  }

  async #write(helmRelease: HelmRelease, reason: EventReason, series: Series): Promise<void> {
    const { name, namespace, uid } = helmRelease.metadata;
    const now = Date.now();
    for (const [key, news] of this.#news) if (isOver(news, now)) this.#news.delete(key);
    await this.#objects.upsert(EVENT, {
      apiVersion: "v1",
      kind: "Event",
      metadata: { name: series.name, namespace },
      type: "Normal",
      reason,
      message: series.message,
      count: series.count,
      firstTimestamp: toSeconds(series.born),
      lastTimestamp: toSeconds(now),
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

/** Takes what is new into an Event: the one before, where that says the same. Where nothing is new, that one failed to be written. */
function seriesOf(news: News, helmRelease: string): Series {
  const message = few([...news.messages]).slice(0, MAX_MESSAGE);
  const { series: last, count } = news;
  news.messages.clear();
  news.count = 0;
  if (last && (count === 0 || (last.message === message && Date.now() - last.born < LIFETIME))) {
    last.count += count;
    return last;
  }
  const born = Date.now();
  const name = `${helmRelease.slice(0, MAX_NAME).replace(/[^a-z0-9]+$/, "")}.${born.toString(16)}${Math.floor(Math.random() * 65536).toString(16)}`;
  news.series = { name, born, message, count };
  return news.series;
}

/** Whether there is nothing more to tell, nor to count. */
function isOver({ count, series }: News, now: number): boolean {
  return count === 0 && series !== undefined && now - series.born >= LIFETIME;
}

/** metav1.Time has whole seconds. */
function toSeconds(time: number): string {
  return `${new Date(time).toISOString().slice(0, 19)}Z`;
}
