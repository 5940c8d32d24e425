/** How many field managers are told apart. */
const MOST = 50;

/** The names of field managers as a metric may have them: anybody may write under any name, and each would be a series. */
export class Managers {
  readonly #known = new Set<string>();

  /** The labels for whoever has made a change. */
  labelsFor(by: readonly string[]): readonly string[] {
    return by.length === 0 ? ["unknown"] : [...new Set(by.map(name => this.#labelFor(name)))];
  }

  #labelFor(name: string): string {
    if (this.#known.size < MOST) this.#known.add(name);
    return this.#known.has(name) ? name : "other";
  }
}
