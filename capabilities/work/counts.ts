/** A count for each key; keys that count zero are absent. */
export class Counts<Key> {
  readonly #counts = new Map<Key, number>();

  /** How often a key counts. */
  of(key: Key): number {
    return this.#counts.get(key) ?? 0;
  }

  /** Of all keys together. */
  get sum(): number {
    return [...this.#counts.values()].reduce((sum, count) => sum + count, 0);
  }

  add(key: Key, change: 1 | -1): void {
    const now = this.of(key) + change;
    if (now > 0) this.#counts.set(key, now);
    else this.#counts.delete(key);
  }
}
