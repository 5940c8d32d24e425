/** Counts changes, so that whoever follows them need not compare everything. */
export class Changes {
  #count = 0;

  /** Another number than before if something has changed since. */
  get count(): number {
    return this.#count;
  }

  note(): void {
    this.#count++;
  }
}
