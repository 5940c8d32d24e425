/** For how many milliseconds work goes on before events and answers are heard. */
const LENGTH = 10;

/** One stretch of work that waits for nothing: it ends in time for what else the process has to do. */
export class Slice {
  readonly #goOn: () => void;
  /** performance.now(); undefined where none has begun. */
  #end: number | undefined;

  /** @param goOn called once the process has done what else there was */
  constructor(goOn: () => void) {
    this.#goOn = goOn;
  }

  /** Whether what else there is comes first. */
  get isOver(): boolean {
    return this.#end !== undefined && performance.now() > this.#end;
  }

  /** Begins with the first piece of work, and goes on with each further one. */
  begin(): void {
    if (this.#end !== undefined) return;
    this.#end = performance.now() + LENGTH;
    setImmediate(() => {
      this.#end = undefined;
      this.#goOn();
    });
  }
}
