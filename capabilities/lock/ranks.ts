import { ApiError, ConflictError, isRefusal } from "../cluster/errors";
import type { Reporter } from "../report/reporter";
import { LASTS } from "../standby/lease";
import type { Places } from "../standby/places";
import type { Rank } from "../standby/rank";
import { toRank } from "../state/requests";
import type { Controller, Request, Result } from "../work/controller";
import type { Queue } from "../work/queue";

/** How often a place is renewed, and those before it are looked at, in milliseconds. */
const INTERVAL = 5_000;

/** How many places there are. */
const PLACES = 10;

/** For how many milliseconds an API server that answers may fail to keep places. */
const UNANSWERED = 2 * LASTS;

/** What ranks a locker, and what follows from it. */
interface Parts {
  readonly rank: Rank;
  readonly places: Pick<Places, "isFree" | "take" | "leave">;
  readonly queue: Pick<Queue, "add">;
  readonly reporter: Pick<Reporter, "info" | "troubled">;
  /** Called once this locker is the first, with all that others may have told and kept until then. */
  readonly succeed: () => void;
}

/** Keeps the place of this locker among those that run at the same time, and moves up where one before it is gone. */
export class RankController implements Controller {
  readonly #parts: Parts;
  #place: number | undefined;
  /** Whether it has acted as the first since it was so last. */
  #hasSucceeded = false;
  /** performance.now() when its place was told last. */
  #answeredAt = performance.now();

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Takes a place, unless this locker runs alone. */
  start(): void {
    const { rank, queue } = this.#parts;
    if (!rank.isAlone) queue.add(toRank());
  }

  /** Leaves its place to the next one: if that fails, it is free soon. */
  async stop(): Promise<void> {
    if (this.#place !== undefined) await this.#parts.places.leave(this.#place).catch(() => undefined);
  }

  async reconcile(): Promise<Result> {
    const begun = performance.now();
    const place = await this.#keep();
    this.#answeredAt = performance.now();
    if (place !== this.#place && place !== undefined) this.#tell(place);
    this.#take(place, begun + LASTS);
    return { retryAfter: INTERVAL };
  }

  /** Where places can't be taken, each locker is the first: to tell twice is better than not at all. */
  failed(_request: Request, error: unknown): void {
    // Another locker was faster.
    if (error instanceof ConflictError) this.#take(undefined);
    else this.#parts.reporter.troubled("can't take turns with other lockers", {}, error);
    const hasPatience = performance.now() - this.#answeredAt < UNANSWERED;
    if (!isRefusal(error) && (hasPatience || !(error instanceof ApiError))) return;
    this.#take(undefined);
    this.#parts.rank.take(0);
    this.#succeed();
  }

  #take(place: number | undefined, until?: number): void {
    const { rank } = this.#parts;
    // It may have been the first no longer for a moment.
    this.#hasSucceeded &&= rank.isFirst;
    this.#place = place;
    rank.take(place, until);
    this.#succeed();
  }

  #tell(place: number): void {
    const { reporter } = this.#parts;
    if (place === 0) reporter.info("is the first of the lockers that run", {});
    else reporter.info("stands by: {count} lockers come before it", { count: String(place) });
  }

  #succeed(): void {
    if (!this.#parts.rank.isFirst || this.#hasSucceeded) return;
    this.#hasSucceeded = true;
    this.#parts.succeed();
  }

  /** Renews its place, or takes a better one. @returns undefined if all are taken */
  async #keep(): Promise<number | undefined> {
    const { places } = this.#parts;
    const former = this.#place;
    for (let place = 0; place < (former ?? PLACES); place++) {
      if (!(await places.isFree(place))) continue;
      await places.take(place);
      if (former !== undefined) await places.leave(former);
      return place;
    }
    if (former !== undefined) await this.#renew(former);
    return former;
  }

  /** What somebody else has written to its Lease does not take it away. */
  async #renew(place: number): Promise<void> {
    const { places } = this.#parts;
    try {
      await places.take(place);
    } catch (error) {
      if (!(error instanceof ConflictError) || !(await places.isFree(place))) throw error;
      await places.take(place);
    }
  }
}
