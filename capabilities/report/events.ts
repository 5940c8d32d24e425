import type { HelmRelease } from "../../crds/helm-release";
import { isRefusal } from "../cluster/errors";
import type { Cluster } from "../cluster/k8s";
import { kindOf } from "../kube/kinds";
import { toSeconds } from "../kube/time";
import { HELM_RELEASES } from "../state/helm-releases";
import { toTell } from "../state/requests";
import type { Controller, Request, Result } from "../work/controller";
import type { Queue } from "../work/queue";
import { troubled, type Logger } from "./log";
import { few } from "./words";

/** How long news is gathered, in milliseconds. */
const INTERVAL = 1_000;

/** Source: Kubernetes, pkg/apis/core/validation, ValidateEvent. */
const MAX_MESSAGE = 1024;

/** How many characters of a HelmRelease's name an Event's name contains: of 253, the Event needs 16 for itself. */
const MAX_NAME = 230;

/** How long one Event keeps counting, in milliseconds; after that, a new one is created. */
const LIFETIME = 600_000;

/** Reasons of the Events on a HelmRelease. The first three are the original's. */
export type EventReason =
  | "Locked"
  | "Transitioning"
  | "Untracked"
  | "Reverted"
  | "Warn"
  | "Disabled"
  | "Suspended"
  | "Drifted"
  | "DriftResolved";

/** Reasons of what somebody should see to. */
const WARNINGS: ReadonlySet<EventReason> = new Set(["Drifted"]);

/** One Event, which counts repetitions. */
interface Series {
  readonly name: string;
  readonly born: number;
  readonly message: string;
  count: number;
}

/** The news about one HelmRelease for one reason. */
interface News {
  readonly helmRelease: HelmRelease;
  readonly reason: EventReason;
  readonly messages: Set<string>;
  count: number;
  /** The Event that was written last. */
  series: Series | undefined;
}

const EVENTS = kindOf({ apiVersion: "v1", kind: "Event", plural: "events", namespaced: true });

/**
 * Writes Events on HelmReleases: all news within a second become one Event, and an Event that repeats the last one only
 * increases its count.
 */
export class Events implements Controller {
  readonly #cluster: Cluster;
  readonly #queue: Queue;
  readonly #log: Logger;
  readonly #news = new Map<string, News>();

  constructor({ cluster, queue, log }: { cluster: Cluster; queue: Queue; log: Logger }) {
    this.#cluster = cluster;
    this.#queue = queue;
    this.#log = log;
  }

  /** Notes an Event, which is written within a second. */
  emit(helmRelease: HelmRelease, reason: EventReason, message: string): void {
    const name = `${helmRelease.metadata.uid ?? ""} ${reason}`;
    const known = this.#news.get(name) ?? { messages: new Set<string>(), count: 0, series: undefined };
    const news = { ...known, helmRelease, reason };
    this.#news.set(name, news);
    news.messages.add(message);
    news.count++;
    this.#queue.addAfter(toTell(name), INTERVAL);
  }

  /** Gives up a refused Event, for example in a namespace that is being deleted: nobody waits for an Event. */
  async reconcile(request: Request): Promise<Result> {
    const news = this.#news.get(request.name);
    if (!news) return undefined;
    try {
      await this.#write(news, seriesOf(news));
    } catch (error) {
      if (!isRefusal(error)) throw error;
      this.failed(request, error);
    }
    return undefined;
  }

  failed(_request: Request, error: unknown): void {
    troubled(this.#log, "report", "can't write an Event", { error });
  }

  async #write({ helmRelease, reason }: News, series: Series): Promise<void> {
    const { name, namespace, uid } = helmRelease.metadata;
    const now = Date.now();
    for (const [key, news] of this.#news) if (isOver(news, now)) this.#news.delete(key);
    const event = {
      apiVersion: "v1",
      kind: "Event",
      metadata: { name: series.name, namespace },
      type: WARNINGS.has(reason) ? "Warning" : "Normal",
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
    };
    await this.#cluster.K8s(EVENTS).Apply(event, { fieldManager: "helm-locker", force: true });
  }
}

/** Puts news into an Event: the previous one if it says the same. Without news, the previous Event failed to be written. */
function seriesOf(news: News): Series {
  const message = few([...news.messages]).slice(0, MAX_MESSAGE);
  const { series: last, count } = news;
  news.messages.clear();
  news.count = 0;
  if (last && (count === 0 || (last.message === message && Date.now() - last.born < LIFETIME))) {
    last.count += count;
    return last;
  }
  const born = Date.now();
  const helmRelease = news.helmRelease.metadata.name.slice(0, MAX_NAME).replace(/[^a-z0-9]+$/, "");
  const name = `${helmRelease}.${born.toString(16)}${Math.floor(Math.random() * 65536).toString(16)}`;
  news.series = { name, born, message, count };
  return news.series;
}

/** Whether there is nothing left to report or count. */
function isOver({ count, series }: News, now: number): boolean {
  return count === 0 && series !== undefined && now - series.born >= LIFETIME;
}
