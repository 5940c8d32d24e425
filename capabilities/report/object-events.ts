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
import { Spacing } from "./spacing";
import { errorWords } from "./words";

/** How long news is gathered after a rest, in milliseconds, and how many objects are told of in that time. */
const INTERVAL = 1_000;
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
 * reverted, at most one a second for an object, fewer where it goes on, and ten in all. The Events on the HelmRelease tell of the others.
 */
export class ObjectEvents implements Controller {
  readonly #queue: Queue;
  readonly #helmReleases: Parts["helmReleases"];
  readonly #log: Logger;
  readonly #series: EventSeries;
  readonly #turn: AfterReverts;
  /** What is to be written. */
  readonly #due = new Set<string>();
  readonly #spacing = new Spacing();
  /** performance.now() when the last ten were written. */
  #written: number[] = [];

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
    if (!this.#hasRoom(seriesKey(involved, "Reverted"))) return;
    this.#due.add(this.#series.note(involved, "Reverted", told));
    this.#queue.addAfter(toTellOnObjects(), INTERVAL);
  }

  /** What waits for its next telling takes nobody's place. */
  #hasRoom(key: string): boolean {
    if (this.#due.size < MOST || this.#due.has(key)) return true;
    return [...this.#due].filter(due => this.#spacing.wait(due) === 0).length < MOST;
  }

  async reconcile({ name }: Request): Promise<Result> {
    for (const key of this.#due) {
      if (this.#spacing.wait(key) > 0) continue;
      const retryAfter = this.#turn.wait(name) || this.#pause();
      if (retryAfter > 0) return { retryAfter };
      await this.#write(key);
    }
    if (this.#due.size === 0) return undefined;
    const retryAfter = Math.min(...[...this.#due].map(key => this.#spacing.wait(key)));
    return { retryAfter, newsAfter: Math.min(retryAfter, INTERVAL) };
  }

  /** Writes what would be lost with this process, as far as that is possible now. */
  flush(): Promise<void> {
    return this.#series.flush();
  }

  failed(_request: Request, error: unknown): void {
    troubled(this.#log, "can't write an Event on an object", {}, { error });
  }

  /** Gives up a refused Event, for example in a namespace that is being deleted: nobody waits for an Event. */
  async #write(key: string): Promise<void> {
    const namespace = this.#series.about(key)?.namespace;
    this.#written = [...this.#written, performance.now()].slice(-MOST);
    this.#due.delete(key);
    try {
      await this.#series.write(key);
    } catch (error) {
      if (!isRefusal(error)) {
        this.#due.add(key);
        throw error;
      }
      this.#refused(namespace ?? "default", error);
    }
    this.#spacing.note(key);
  }

  /** Until fewer than the most were written in the last interval. */
  #pause(): number {
    const [tenth = -Infinity] = this.#written.slice(-MOST, 1 - MOST);
    return Math.max(0, tenth + INTERVAL - performance.now());
  }

  /** The API server's words name the Event, and would be new each time. */
  #refused(namespace: string, error: unknown): void {
    const words = error instanceof ApiError ? `${error.status} ${error.reason}` : errorWords(error);
    const problem = new Error(`refused by the API server: ${words}`);
    const line = "can't write Events on objects in namespace {namespace}";
    troubled(this.#log, line, { namespace }, { error: problem });
  }
}
