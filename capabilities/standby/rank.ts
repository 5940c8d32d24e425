/** How long a locker waits for each one that comes before it, in milliseconds. */
const PATIENCE = 300;

/** For how many it waits at most: who may write the places of lockers could fill them all. */
const MOST = 3;

/** The place of a locker that does not know how many come before it. */
const UNKNOWN = 1;

/**
 * Which of the lockers that run at the same time this one is. Each puts right what still stands after its patience; only the first tells of
 * what is known, and keeps it, so that nothing is said twice or in two ways.
 */
export class Rank {
  #place: number | undefined;
  /** performance.now() until which the place is its own, whatever happens to it. */
  #until = Infinity;

  /** @param isAlone whether no other locker is expected */
  constructor(readonly isAlone: boolean) {
    if (isAlone) this.#place = 0;
  }

  /** How many lockers come before it. */
  get place(): number {
    return (performance.now() < this.#until ? this.#place : undefined) ?? UNKNOWN;
  }

  /** Whether it is the first, and nobody can have taken its place unnoticed. */
  get isFirst(): boolean {
    return this.place === 0;
  }

  /** For how many milliseconds it leaves a change to others. */
  get patience(): number {
    return Math.min(this.place, MOST) * PATIENCE;
  }

  /** Notes its place; undefined if it has lost it. @param until performance.now() */
  take(place: number | undefined, until = Infinity): void {
    this.#place = place;
    this.#until = until;
  }
}
