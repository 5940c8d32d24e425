import type { ControllerName } from "./controller";
import { Turns, type Turn } from "./turns";

/** What only tells people. */
const TELLING = new Set<ControllerName>(["status", "event", "object event"]);

/** How many requests may run at the same time. */
export interface Workers {
  /** Of what puts things right. */
  readonly workers: number;
  /** Of what only tells people. */
  readonly tellers: number;
}

/** Turns of what puts things right, and turns of what only tells people, which nothing else waits for. */
export class SeparateTurns<T extends Turn> {
  readonly #work: Turns<T>;
  readonly #telling: Turns<T>;

  constructor({ workers, tellers }: Workers) {
    this.#work = new Turns(workers);
    this.#telling = new Turns(tellers);
  }

  /** How many run. */
  get running(): number {
    return this.#work.running + this.#telling.running;
  }

  /** The turns that something takes part in. */
  of({ request }: T): Turns<T> {
    return TELLING.has(request.controller) ? this.#telling : this.#work;
  }

  /** Begins what is next; undefined if nothing may begin. */
  next(): T | undefined {
    return this.#work.next() ?? this.#telling.next();
  }

  /** Forgets all that waits. */
  clear(): void {
    for (const turns of [this.#work, this.#telling]) turns.clear();
  }
}
