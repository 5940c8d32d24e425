import { ConflictError, isRefusal } from "../cluster/errors";
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
const MOST = 10;

/** What ranks a locker, and what follows from it. */
interface Parts {
  readonly rank: Rank;
  /** Undefined if this locker runs alone. */
  readonly places: Pick<Places, "isFree" | "take" | "leave"> | undefined;
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

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  start(): void {
    if (this.#parts.places) this.#parts.queue.add(toRank());
  }

  /** Leaves its place to the next one: if that fails, it is free soon. */
  async stop(): Promise<void> {
    if (this.#place !== undefined) await this.#parts.places?.leave(this.#place).catch(() => undefined);
  }

  async reconcile(): Promise<Result> {
    const begun = performance.now();
    const { rank, places } = this.#parts;
    this.#hasSucceeded &&= rank.isFirst;
    const place = places && (await this.#keep(places));
    const isOther = place !== this.#place;
    this.#place = place;
    rank.take(place, begun + LASTS);
    if (isOther && place !== undefined) this.#tell(place);
    this.#succeed();
    return { retryAfter: INTERVAL };
  }

  /** Where places can't be taken, each locker is the first: to tell twice is better than not at all. */
  failed(_request: Request, error: unknown): void {
    const { rank, reporter } = this.#parts;
    if (error instanceof ConflictError) {
      // Another locker was faster.
      this.#place = undefined;
      rank.take(undefined);
      return;
    }
    reporter.troubled("can't take turns with other lockers", {}, error);
    if (!isRefusal(error)) return;
    rank.take(0);
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
  async #keep(places: NonNullable<Parts["places"]>): Promise<number | undefined> {
    const former = this.#place;
    for (let place = 0; place < (former ?? MOST); place++) {
      if (!(await places.isFree(place))) continue;
      await places.take(place);
      if (former !== undefined) await places.leave(former);
      return place;
    }
    if (former !== undefined) await places.take(former);
    return former;
  }
}
