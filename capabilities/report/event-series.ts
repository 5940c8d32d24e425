import type { Cluster } from "../cluster/k8s";
import { kindOf } from "../kube/kinds";
import { toSeconds } from "../kube/time";
import { isWarning, type EventReason } from "./event-reasons";
import { few } from "./words";

/** Source: Kubernetes, pkg/apis/core/validation, ValidateEvent. */
const MAX_MESSAGE = 1024;

/** How many characters of an object's name an Event's name contains: of 253, the Event needs 16 for itself. */
const MAX_NAME = 230;

/** How long one Event keeps counting, in milliseconds; after that, a new one is created. */
const LIFETIME = 600_000;

/** How often it is looked which have ended, in milliseconds. */
const SWEEP = 60_000;

/** Where Events on objects without a namespace are. Source: the same. */
const NAMESPACE_OF_NONE = "default";

/** What an Event is about. */
export interface Involved {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly namespace: string | undefined;
  readonly uid: string;
}

/** What an Event says. */
export interface Told {
  readonly message: string;
  /** Follows what has happened, once however much that was. */
  readonly advice?: string;
}

/** One Event, which counts repetitions. */
interface Series {
  readonly name: string;
  readonly born: number;
  readonly message: string;
  count: number;
}

/** The news about one object for one reason. */
interface News {
  readonly involved: Involved;
  readonly reason: EventReason;
  /** What every message ends with. */
  readonly advice: string;
  readonly messages: Set<string>;
  count: number;
  /** The Event that was written last. */
  series: Series | undefined;
}

const EVENTS = kindOf({ apiVersion: "v1", kind: "Event", plural: "events", namespaced: true });

/** Gathers news until they are written: all that is new of an object then becomes one Event, and one that repeats the last one only increases its count. */
export class EventSeries {
  readonly #cluster: Cluster;
  readonly #news = new Map<string, News>();
  #sweptAt = 0;

  constructor(cluster: Cluster) {
    this.#cluster = cluster;
  }

  /** @returns what identifies the news that it is added to */
  note(involved: Involved, reason: EventReason, { message, advice = "" }: Told): string {
    const key = seriesKey(involved, reason);
    const known = this.#news.get(key) ?? { messages: new Set<string>(), count: 0, series: undefined };
    const news = { ...known, involved, reason, advice };
    this.#news.set(key, news);
    news.messages.add(message);
    news.count++;
    return key;
  }

  /** What news are about; undefined once they are forgotten. */
  about(key: string): Involved | undefined {
    return this.#news.get(key)?.involved;
  }

  /** Writes every Event of which there are news, as far as that is possible now. */
  async flush(): Promise<void> {
    const due = [...this.#news].filter(([, { count }]) => count > 0);
    await Promise.allSettled(due.map(([key]) => this.write(key)));
  }

  /** Writes an Event, as far as there are news. */
  async write(key: string): Promise<void> {
    const news = this.#news.get(key);
    if (!news) return;
    const series = seriesOf(news);
    const now = Date.now();
    this.#sweep(now);
    const { involved, reason } = news;
    const { apiVersion, kind, name, namespace, uid } = involved;
    const event = {
      apiVersion: "v1",
      kind: "Event",
      metadata: { name: series.name, namespace: namespace ?? NAMESPACE_OF_NONE },
      type: isWarning(reason) ? "Warning" : "Normal",
      reason,
      message: series.message,
      count: series.count,
      firstTimestamp: toSeconds(series.born),
      lastTimestamp: toSeconds(now),
      source: { component: "helm-locker" },
      reportingComponent: "helm-locker",
      reportingInstance: "helm-locker",
      involvedObject: { apiVersion, kind, name, ...(namespace === undefined ? {} : { namespace }), uid },
    };
    await this.#cluster.K8s(EVENTS).MetadataOnly().Apply(event, { fieldManager: "helm-locker", force: true });
  }

  /** There may be thousands: not with every Event. */
  #sweep(now: number): void {
    if (Math.abs(now - this.#sweptAt) < SWEEP) return;
    this.#sweptAt = now;
    for (const [key, news] of this.#news) if (isOver(news, now)) this.#news.delete(key);
  }
}

/** What identifies the news about one object for one reason. */
export function seriesKey({ uid }: Involved, reason: EventReason): string {
  return `${uid} ${reason}`;
}

/** Puts news into an Event: the previous one if it says the same. Without news, the previous Event failed to be written. */
function seriesOf(news: News): Series {
  const { advice } = news;
  const message = few([...news.messages]).slice(0, MAX_MESSAGE - advice.length) + advice;
  const { series: last, count } = news;
  news.messages.clear();
  news.count = 0;
  if (last && (count === 0 || (last.message === message && Date.now() - last.born < LIFETIME))) {
    last.count += count;
    return last;
  }
  const born = Date.now();
  const random = Math.floor(Math.random() * 65536).toString(16);
  const name = `${news.involved.name.slice(0, MAX_NAME)}.${born.toString(16)}${random}`;
  news.series = { name, born, message, count };
  return news.series;
}

/** Whether there is nothing left to report or count. */
function isOver({ count, series }: News, now: number): boolean {
  return count === 0 && series !== undefined && now - series.born >= LIFETIME;
}
