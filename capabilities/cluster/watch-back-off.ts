import { ExpiredError, ForbiddenError, NotFoundError } from "./errors";

/** Milliseconds between attempts after a failure: doubled each time, from the first to the last value. */
const RETRY = { first: 50, last: 2_000 };

/** The same if the kind is not served or may not be watched. */
const RETRY_REFUSED = { first: 1_000, last: 4_000 };

/** Milliseconds after which a refusal counts as one: an API server that has just started also refuses. */
const REFUSED_FOR_LONG = 20_000;

/** Milliseconds from the start of one list to that of the next, whatever the API server says has expired. */
const BETWEEN_LISTS = 1_000;

/** How long a watch pauses after failures: longer after each, until it works again. */
export class BackOff {
  readonly #random: () => number;
  #failures = 0;
  /** performance.now() since when it has been refused. */
  #refusedSince: number | undefined;
  /** performance.now() when the last list began. */
  #listedAt = -Infinity;

  /** @param random between 0 and 1, spreads the attempts */
  constructor(random: () => number = Math.random) {
    this.#random = random;
  }

  /** Whether a list may begin now. */
  get mayList(): boolean {
    return this.#untilList() <= 0;
  }

  /** Notes that a list begins. */
  lists(): void {
    this.#listedAt = performance.now();
  }

  /** Notes a failure. @returns milliseconds to the next attempt; undefined where it is at once, and nothing to speak of */
  after(error: unknown): number | undefined {
    const pause = this.#pauseAfter(error);
    if (!(error instanceof ExpiredError)) return pause;
    return this.mayList ? undefined : Math.max(pause, this.#untilList());
  }

  /** Notes that the watch works. */
  reset(): void {
    this.#failures = 0;
    this.#refusedSince = undefined;
  }

  #pauseAfter(error: unknown): number {
    const isRefused = error instanceof NotFoundError || error instanceof ForbiddenError;
    if (isRefused !== (this.#refusedSince !== undefined)) this.#failures = 0;
    this.#refusedSince = isRefused ? (this.#refusedSince ?? performance.now()) : undefined;
    const refused = performance.now() - (this.#refusedSince ?? Infinity);
    const { first, last } = refused > REFUSED_FOR_LONG ? RETRY_REFUSED : RETRY;
    return Math.min(first * 2 ** this.#failures++, last) * (0.5 + this.#random() / 2);
  }

  #untilList(): number {
    return this.#listedAt + BETWEEN_LISTS - performance.now();
  }
}
