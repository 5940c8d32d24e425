import { ApiError, isRefusal } from "../cluster/errors";
import type { Cluster } from "../cluster/k8s";
import { refOf } from "../kube/kinds";
import type { HelmReleases } from "../state/helm-releases";
import type { Reverted } from "../state/news";
import { toTellOnObjects } from "../state/requests";
import type { Controller, Request, Result } from "../work/controller";
import type { Queue } from "../work/queue";
import { AfterReverts } from "./after-reverts";
import { authorWords } from "./event-words";
import { EventSeries, seriesKey, type Involved, type Told } from "./event-series";
import { troubled, type Logger } from "./log";
import { errorWords } from "./words";

/** How long news is gathered, in milliseconds. */
const INTERVAL = 1_000;

/** How many objects are told of in each interval. */
const MOST = 10;

/** What Events on objects are written with. */
interface Parts {
  readonly cluster: Cluster;
  readonly queue: Queue;
  readonly helmReleases: Pick<HelmReleases, "get">;
  readonly log: Logger;
}

/**
 * Writes Events on the objects that were reverted, where whoever changed them looks: one after the other, once nothing is left to be
 * reverted, at most one a second for an object and ten in all. The Events on the HelmRelease tell of the others.
 */
export class ObjectEvents implements Controller {
  readonly #queue: Queue;
  readonly #helmReleases: Parts["helmReleases"];
  readonly #log: Logger;
  readonly #series: EventSeries;
  readonly #turn: AfterReverts;
  /** What is to be written. */
  readonly #due = new Set<string>();
  /** performance.now() when those of the last interval were written. */
  readonly #written = new Map<string, number>();

  constructor({ cluster, queue, helmReleases, log }: Parts) {
    this.#series = new EventSeries(cluster);
    this.#turn = new AfterReverts(queue);
    this.#queue = queue;
    this.#helmReleases = helmReleases;
    this.#log = log;
  }

  /** Notes that an object was reverted, as long as it is not one of too many. */
  reverted(news: Reverted): void {
    const { lock, desired } = news.tracked;
    const holder = lock.governor === undefined ? undefined : this.#helmReleases.get(lock.governor);
    if (!holder) return;
    const { apiVersion, kind } = desired;
    const { name, namespace } = refOf(desired);
    this.#emit({ apiVersion, kind, name, namespace, uid: news.uid }, authorWords(news, holder.metadata));
  }

  #emit(involved: Involved, told: Told): void {
    if (this.#due.size >= MOST && !this.#due.has(seriesKey(involved, "Reverted"))) return;
    this.#due.add(this.#series.note(involved, "Reverted", told));
    this.#queue.addAfter(toTellOnObjects(), INTERVAL);
  }

  async reconcile({ name }: Request): Promise<Result> {
    for (const key of this.#due) {
      const retryAfter = this.#turn.wait(name) || this.#pause(key);
      if (retryAfter > 0) return { retryAfter };
      await this.#write(key);
    }
    return undefined;
  }

  failed(_request: Request, error: unknown): void {
    troubled(this.#log, "can't write an Event on an object", {}, { error });
  }

  /** Gives up a refused Event, for example in a namespace that is being deleted: nobody waits for an Event. */
  async #write(key: string): Promise<void> {
    const namespace = this.#series.about(key)?.namespace;
    this.#written.delete(key);
    this.#written.set(key, performance.now());
    this.#due.delete(key);
    try {
      await this.#series.write(key);
    } catch (error) {
      if (isRefusal(error)) this.#refused(namespace ?? "default", error);
      else {
        this.#due.add(key);
        throw error;
      }
    }
  }

  /** Until this one was written an interval ago, and fewer than the most were since. */
  #pause(key: string): number {
    const now = performance.now();
    for (const [other, at] of this.#written) if (now - at >= INTERVAL) this.#written.delete(other);
    const [first = now - INTERVAL] = this.#written.size < MOST ? [] : this.#written.values();
    return Math.max(first, this.#written.get(key) ?? first) + INTERVAL - now;
  }

  /** The API server's words name the Event, and would be new each time. */
  #refused(namespace: string, error: unknown): void {
    const words = error instanceof ApiError ? `${error.status} ${error.reason}` : errorWords(error);
    const problem = new Error(`refused by the API server: ${words}`);
    const line = "can't write Events on objects in namespace {namespace}";
    troubled(this.#log, line, { namespace }, { error: problem });
  }
}
