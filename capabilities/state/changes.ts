/** Counts changes of what has to be remembered, so that whoever follows them need not compare everything. */
export class Changes {
  #count = 0;
  #told = 0;

  /** Another number than before if something has changed since, beside what users were told. */
  get count(): number {
    return this.#count;
  }

  /** The same for what users were told. */
  get told(): number {
    return this.#told;
  }

  note(): void {
    this.#count++;
  }

  noteTold(): void {
    this.#told++;
  }
}
