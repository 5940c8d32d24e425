/** Random choices that follow from one number: the same number makes the same choices. */
export class Dice {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** A whole number from 0 up to, not including, a limit. Source: mulberry32 by Tommy Ettinger, in the public domain. */
  below(limit: number): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * limit);
  }

  /** Whether one of so many chances comes about. */
  isOneIn(chances: number): boolean {
    return this.below(chances) === 0;
  }

  /** One of some things; undefined if there are none. */
  oneOf<T>(things: readonly T[]): T | undefined {
    return things[this.below(things.length)];
  }

  shuffled<T>(things: readonly T[]): T[] {
    const keyed = things.map(thing => ({ thing, key: this.below(2 ** 31) }));
    return keyed.sort((one, other) => one.key - other.key).map(({ thing }) => thing);
  }
}
