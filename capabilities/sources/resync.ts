import { setTimeout as delay } from "node:timers/promises";
import { presenceKey } from "../kube/kinds";
import type { KubeObject } from "../kube/object";
import { isOlder } from "../kube/version";
import type { Reporter } from "../report/reporter";
import type { Followed } from "./followed";
import type { UnlabelledObjects } from "./unlabelled-objects";

/** Into how many steps a round is divided, each with one request at most. */
const STEPS = 600;

/** The longest that a watch may be behind a list, in milliseconds: what it has not shown then, it has missed. */
const BEHIND = 10_000;

/** How much news of one list is kept until then: any piece of it is enough. */
const MOST_NEWS = 100;

/** What is compared, and where it is told. */
interface Parts {
  /** Everything that watches follow now. */
  readonly followed: () => Iterable<Followed>;
  /** What no list shows. */
  readonly unlabelled: Pick<UnlabelledObjects, "all" | "lookAgain">;
  /** Milliseconds of a round. */
  readonly interval: number;
  readonly reporter: Pick<Reporter, "info" | "troubled">;
}

/**
 * Finds what no event has told, slowly: lists what the watches follow, metadata only, a page at a step, and has a watch
 * list anew that has missed something. So a lost event, or a history that was set back in silence, is noticed within an
 * interval.
 */
export class Resync {
  readonly #parts: Parts;
  readonly #stopped = new AbortController();

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Begins; returns at once. */
  start(): void {
    void this.#run().catch(() => undefined);
  }

  /** Ends. */
  stop(): void {
    this.#stopped.abort();
  }

  /** Rejects when it is stopped. */
  async #run(): Promise<void> {
    const { interval } = this.#parts;
    // Lockers that start together list at different times.
    await this.#pause(interval * (0.5 + Math.random() / 2));
    for (;;) {
      const next = performance.now() + interval;
      for (const followed of this.#parts.followed()) await this.#compare(followed);
      await this.#lookAtUnlabelled();
      await this.#pause(Math.max(next - performance.now(), interval / STEPS));
    }
  }

  async #lookAtUnlabelled(): Promise<void> {
    const { unlabelled } = this.#parts;
    for (const tracked of unlabelled.all()) {
      unlabelled.lookAgain(tracked);
      await this.#step();
    }
  }

  async #compare(followed: Followed): Promise<void> {
    const { kind } = followed.listed.kind;
    try {
      if (!(await this.#hasMissed(followed)) || this.#stopped.signal.aborted) return;
      followed.watch.relist();
      this.#parts.reporter.info("lists {kind} anew: its watch has missed something", { kind });
    } catch (error) {
      if (this.#stopped.signal.aborted) throw error;
      this.#parts.reporter.troubled("can't compare {kind} with what its watch has shown", { kind }, error);
    }
  }

  async #hasMissed(followed: Followed): Promise<boolean> {
    const newest = followed.newest();
    const present = new Set<string>();
    const news: KubeObject[] = [];
    const take = (object: KubeObject): void => {
      if (!followed.concerns(object)) return;
      present.add(presenceKey(object.metadata.namespace, object.metadata.name));
      if (news.length < MOST_NEWS && followed.isNews(object)) news.push(object);
    };
    const version = await followed.listed.Each(take, () => this.#step());
    // etcd was restored from an older copy.
    if (version !== "" && isOlder(version, newest)) return true;
    const isSuspect = () =>
      news.some(object => followed.isNews(object)) || followed.isMissing(present, version);
    if (!isSuspect()) return false;
    await this.#pause(Math.min(BEHIND, this.#parts.interval));
    return isSuspect();
  }

  #step(): Promise<void> {
    return this.#pause(this.#parts.interval / STEPS);
  }

  async #pause(milliseconds: number): Promise<void> {
    await delay(milliseconds, undefined, { signal: this.#stopped.signal, ref: false });
  }
}
