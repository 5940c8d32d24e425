import { isWrite, type Operation } from "../drift/operation";
import type { Rank } from "../standby/rank";
import type { Lock, Tracked } from "../state/lock";
import { contestedBy, type Contested, type Fights } from "./fights";
import type { Later, Look } from "./look";

/** For how long a change is left to others at most, whatever else they put right meanwhile: how many times the patience. */
const MOST_TIMES = 10;

/** How late a look may come, in milliseconds: after that, this locker itself was held up, and what has happened meanwhile is still to come. */
const LATE = 100;

/** A change that is left to others for now. */
interface Left {
  /** performance.now() since when the object has not been right. */
  readonly since: number;
  readonly contested: Contested | undefined;
  /** When it was to be looked at again. */
  readonly due: number;
  /** Whether that was put off, as this locker was held up. */
  readonly isPutOff: boolean;
}

/**
 * Leaves changes to the lockers that come before this one, for as long as its patience lasts: from when it saw the change, or from when it
 * last saw that another object of the release was put right. So what is alive, and has much to do, is not disturbed.
 */
export class Patience {
  readonly #rank: Pick<Rank, "patience">;
  readonly #fights: Pick<Fights, "note">;
  readonly #left = new WeakMap<Tracked, Left>();
  readonly #over = new WeakSet<Look>();
  /** performance.now() when something of a release that was left to others was right. */
  readonly #progress = new WeakMap<Lock, number>();

  constructor({ rank, fights }: { rank: Pick<Rank, "patience">; fights: Pick<Fights, "note"> }) {
    this.#rank = rank;
    this.#fights = fights;
  }

  /** How long to leave a look's next request to others; undefined if not at all. News of the object ends that. */
  holdOff(look: Look, operation: Operation): Later | undefined {
    const { tracked } = look;
    const { patience } = this.#rank;
    if (operation.do === "none") this.#end(tracked);
    if (patience === 0 || asksNothing(operation) || this.#over.has(look)) return undefined;
    const now = performance.now();
    const { due } = this.#note(look, operation, now);
    if (due > now) return { problem: undefined, retryAfter: due - now, newsAfter: 0 };
    this.#over.add(look);
    this.#left.delete(tracked);
    return undefined;
  }

  #note({ tracked, manager }: Look, operation: Operation, now: number): Left {
    const { patience } = this.#rank;
    const { since = now, due: before = now, isPutOff = false } = this.#left.get(tracked) ?? {};
    const isLate = !isPutOff && now - before > LATE;
    const begun = isLate ? now : Math.max(since, this.#progress.get(tracked.lock) ?? since);
    const due = Math.min(begun + patience, since + MOST_TIMES * patience);
    const left = { since, contested: contestedIn(operation, manager), due, isPutOff: isPutOff || isLate };
    this.#left.set(tracked, left);
    return left;
  }

  /** Another locker has put it right: what it may fight over, this one knows, too. */
  #end(tracked: Tracked): void {
    const left = this.#left.get(tracked);
    if (!left) return;
    this.#left.delete(tracked);
    const now = performance.now();
    this.#progress.set(tracked.lock, now);
    if (left.contested) this.#fights.note(tracked, left.contested, now);
  }
}

/** What asks the API server for nothing, or only for the object. */
function asksNothing({ do: what }: Operation): boolean {
  return what === "none" || what === "wait" || what === "observe";
}

/** What somebody has changed, as far as that is known before anything is asked. */
function contestedIn(operation: Operation, manager: string): Contested | undefined {
  if (isWrite(operation)) return contestedBy(operation, manager);
  return "live" in operation ? { live: operation.live, fields: [], manager } : undefined;
}
