/** Requests of one kind, answered alike. */
export interface Answered {
  /** As Kubernetes calls it: get, list, watch, create, patch or delete. */
  readonly verb: string;
  /** HTTP status code; "none" where no answer came. */
  readonly code: string;
  readonly count: number;
}

/** Counts how an API server answers. */
export class Tally {
  readonly #answered = new Map<string, Answered>();

  /** What was asked and answered so far. */
  get answered(): Iterable<Answered> {
    return this.#answered.values();
  }

  /** Counts one answer. */
  note(verb: string, code: string): void {
    const key = `${verb} ${code}`;
    const count = (this.#answered.get(key)?.count ?? 0) + 1;
    this.#answered.set(key, { verb, code, count });
  }
}
