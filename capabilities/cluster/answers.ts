/** How long answers are valid, in milliseconds: good ones, and others, which somebody may be about to change. */
const LIFETIME = { good: 10_000, other: 1_000 };

interface Answer<T> {
  /** performance.now() when it was asked for, and until when it is valid. */
  readonly at: number;
  until: number;
  readonly given: Promise<T>;
}

/** Answers of the API server that many ask for at the same time: they share one for a while. */
export class Answers<T> {
  readonly #isGood: (answer: T) => boolean;
  readonly #known = new Map<string, Answer<T>>();
  #sweptAt = -Infinity;

  /** @param isGood whether an answer is likely to stay: an API server that has just started knows nobody's rights yet */
  constructor(isGood: (answer: T) => boolean) {
    this.#isGood = isGood;
  }

  /** The answer to a question, which is asked if no valid answer is known. @throws what asking throws; it is then asked again */
  of(question: string, ask: () => Promise<T>): Promise<T> {
    this.#forgetOld();
    const known = this.#known.get(question);
    if (known && performance.now() < known.until) return known.given;
    const given = ask();
    const at = performance.now();
    const answer: Answer<T> = { at, until: at + LIFETIME.good, given };
    given.then(
      found => {
        if (!this.#isGood(found)) answer.until = Math.min(answer.until, performance.now() + LIFETIME.other);
      },
      () => {
        answer.until = -Infinity;
      },
    );
    this.#known.delete(question);
    this.#known.set(question, answer);
    return given;
  }

  /** Something contradicts the answer to a question: it is valid no longer than one that is not good. */
  doubt(question: string): void {
    const known = this.#known.get(question);
    if (known) known.until = Math.min(known.until, known.at + LIFETIME.other);
  }

  #forgetOld(): void {
    const now = performance.now();
    if (now - this.#sweptAt < LIFETIME.other) return;
    this.#sweptAt = now;
    for (const [question, { until }] of this.#known) if (now >= until) this.#known.delete(question);
  }
}
