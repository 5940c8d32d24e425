import { isDeepStrictEqual } from "node:util";
import { metadataSchema, type HelmRelease, type HelmReleaseStatus } from "../../crds/helm-release";
import type { Cluster } from "../cluster/k8s";
import { toSeconds } from "../kube/time";
import { isOlderState } from "../kube/version";
import { HELM_RELEASES, type HelmReleases } from "../state/helm-releases";
import { toWriteStatus } from "../state/requests";
import { isLookedAfter, isLookedThrough } from "../state/shown";
import type { Rank } from "../standby/rank";
import type { Store } from "../state/store";
import type { Controller, Request, Result } from "../work/controller";
import type { Queue } from "../work/queue";
import { AfterReverts } from "./after-reverts";
import { historyStatus } from "./history";
import { troubled, type Logger } from "./log";
import { viewOf, type Known } from "./helm-release-view";
import { Spacing } from "./spacing";
import { NOTHING, statusOf } from "./status";

/** How long what is new of a history waits for more, in milliseconds. */
const GATHERING = 250;

/** How long the first status of a spec waits until every object was looked at, and how often it is asked whether they were. */
const LOOKING = 1_000;
const AGAIN = 50;

/** What the writer needs, and where failures are reported. */
interface Parts {
  readonly cluster: Cluster;
  readonly queue: Queue;
  readonly store: Known & Pick<Store, "lockFor">;
  readonly rank: Pick<Rank, "isFirst">;
  readonly helmReleases: Pick<HelmReleases, "get" | "update">;
  readonly controllerName: string;
  readonly log: Logger;
}

/**
 * Writes the status of HelmReleases: only if it has changed, and at most once a second each; of a history that goes on, less often.
 * A locker that is not the first of several adds what it has reverted itself, and nothing else.
 */
export class StatusWriter implements Controller {
  readonly #parts: Parts;
  readonly #spacing = new Spacing();
  readonly #turn: AfterReverts;
  /** The HelmReleases whose status is waited for, since performance.now(), and those of which only the history is new. */
  readonly #asked = new Map<string, number>();
  readonly #askedLater = new Set<string>();

  constructor(parts: Parts) {
    this.#parts = parts;
    this.#turn = new AfterReverts(parts.queue);
  }

  /** The status of a HelmRelease may have changed. */
  ask(name: string): void {
    if (!this.#asked.has(name)) this.#asked.set(name, performance.now());
    this.#parts.queue.addAfter(toWriteStatus(name), this.#spacing.waitLeast(name));
  }

  /** The history of a HelmRelease has changed: it is written once nothing is left to be reverted, so that a storm is written of once. */
  askLater(name: string): void {
    if (this.#askedLater.has(name)) return;
    this.#askedLater.add(name);
    this.#parts.queue.addAfter(toWriteStatus(name), GATHERING);
  }

  async reconcile({ name }: Request): Promise<Result> {
    if (!this.#parts.rank.isFirst) {
      this.#asked.delete(name);
      if (!this.#askedLater.has(name)) return undefined;
    }
    const newsAfter = this.#spacing.waitLeast(name);
    const later = this.#asked.has(name) ? 0 : this.#spacing.wait(name) || this.#turn.wait(name);
    const retryAfter = Math.max(newsAfter, later);
    if (retryAfter > 0) return { retryAfter, newsAfter };
    const looking = this.#looking(name);
    if (looking > 0) return { retryAfter: looking, newsAfter: AGAIN };
    await this.#write(name);
    return undefined;
  }

  failed({ name }: Request, error: unknown): void {
    troubled(this.#parts.log, "can't write the status of HelmRelease {name}", { name }, { error });
  }

  /** Writes what would be lost with this process, as far as that is possible now. */
  async flush(): Promise<void> {
    await Promise.allSettled([...this.#askedLater].map(name => this.#write(name)));
  }

  /** How many milliseconds a first status waits for looks that are under way: one write then tells of them, too. */
  #looking(name: string): number {
    const { helmReleases, store } = this.#parts;
    const [asked, lock] = [this.#asked.get(name), store.lockFor(name)];
    const { metadata, status } = helmReleases.get(name) ?? {};
    const isFirst = status?.observedGeneration !== metadata?.generation;
    if (asked === undefined || !lock || !isFirst || !isLookedAfter(lock) || isLookedThrough(lock)) return 0;
    return Math.max(0, asked + LOOKING - performance.now());
  }

  async #write(name: string): Promise<void> {
    const { helmReleases } = this.#parts;
    const asked = this.#asked.get(name);
    this.#asked.delete(name);
    const isLater = this.#askedLater.delete(name);
    const helmRelease = helmReleases.get(name);
    const status = helmRelease && this.#statusOf(helmRelease);
    if (isLater) this.#turn.end(name);
    if (!status) return;
    // A status from before anything was counted is no reason to write.
    const known = { ...NOTHING, ...helmRelease.status };
    if (isDeepStrictEqual(known, status)) return;
    try {
      await this.#send(helmRelease.metadata, status);
      if (isLater) this.#spacing.note(name);
      else this.#spacing.noteOther(name);
    } catch (error) {
      if (asked !== undefined) this.#asked.set(name, asked);
      if (isLater) this.#askedLater.add(name);
      throw error;
    }
  }

  /**
   * The watch may show the write late: a status that changes back meanwhile would look as if it were already there. What the first locker
   * writes is the whole status. A spec that has become another, only the watch shows: also where the definition has changed, by which an
   * object is read differently in the same state.
   */
  async #send({ name, namespace }: HelmRelease["metadata"], status: HelmReleaseStatus): Promise<void> {
    const { cluster, helmReleases, rank } = this.#parts;
    const { isFirst } = rank;
    const change = isFirst ? status : { history: status.history };
    const reply = await cluster.K8s(HELM_RELEASES, { name, namespace }).MetadataOnly().PatchStatus(change);
    const metadata = metadataSchema.parse(reply.metadata);
    const now = helmReleases.get(name);
    if (!isFirst || !now || !isOlderState(now.metadata, metadata)) return;
    if (metadata.generation === now.metadata.generation) helmReleases.update({ ...now, metadata, status });
  }

  #statusOf(helmRelease: HelmRelease): HelmReleaseStatus | undefined {
    const { store, controllerName, rank } = this.#parts;
    if (!rank.isFirst) return this.#withHistory(helmRelease);
    const view = viewOf(helmRelease, controllerName, store);
    return view && statusOf(helmRelease, view, toSeconds(Date.now()));
  }

  #withHistory({ metadata, status }: HelmRelease): HelmReleaseStatus | undefined {
    const lock = this.#parts.store.lockFor(metadata.name);
    if (!lock || status?.observedGeneration !== metadata.generation) return undefined;
    return { ...status, history: historyStatus(lock.history.entries, lock.policy) };
  }
}
