import type { IncomingHttpHeaders } from "node:http";
import type { Dispatcher } from "undici";
import { TooLateError } from "./errors";
import { withResolvers } from "./resolvers";
import type { Tally } from "./tally";

/** How an answer begins. */
export interface Head {
  /** HTTP status code. */
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
}

/** Takes the body of an answer, chunk by chunk, and makes something of it. What it throws is what comes of the request. */
export interface Body<T> {
  write(chunk: Buffer): void;
  end(): T;
}

/** A body that is read as a whole. */
export class Text<T> implements Body<T> {
  readonly #read: (text: string) => T;
  readonly #chunks: Buffer[] = [];

  /** @param read makes something of the text */
  constructor(read: (text: string) => T) {
    this.#read = read;
  }

  write(chunk: Buffer): void {
    this.#chunks.push(chunk);
  }

  end(): T {
    return this.#read(Buffer.concat(this.#chunks).toString());
  }
}

/** What is asked, and how. */
export interface Question<T> {
  readonly options: Dispatcher.DispatchOptions;
  /** performance.now() after which the request must not leave. */
  readonly notAfter?: number | undefined;
  /** Counts the answer, as one to a request of this verb. */
  readonly tally: Tally;
  readonly verb: string;
  /** What takes the body of an answer that begins so. */
  readonly bodyOf: (head: Head) => Body<T>;
}

/** One request and its answer. */
export class Exchange<T> implements Dispatcher.DispatchHandler {
  /**
   * What the body was made into. It fails with what the body throws, with TooLateError if the request had to wait for
   * too long, with the reason for which it was aborted, or with undici's error if no whole answer came.
   */
  readonly answer: Promise<T>;
  readonly #question: Question<T>;
  readonly #settled = withResolvers<T>();
  #controller: Dispatcher.DispatchController | undefined;
  #body: Body<T> | undefined;
  #isAnswered = false;
  #isOver = false;

  constructor(question: Question<T>) {
    this.#question = question;
    this.answer = this.#settled.promise;
  }

  /** Ends it, wherever it is. */
  abort(reason: Error): void {
    this.#fail(reason);
    this.#controller?.abort(reason);
  }

  /** undici is about to write the request. What it throws withholds the request, and leaves the connection to others: an abort would end that. */
  onRequestStart(controller: Dispatcher.DispatchController): void {
    const { notAfter } = this.#question;
    if (this.#isOver) throw new Error("no longer wanted");
    if (notAfter !== undefined && performance.now() > notAfter)
      throw new TooLateError("the check before this write is too old");
    this.#controller = controller;
  }

  onResponseStart(_: unknown, status: number, headers: IncomingHttpHeaders): void {
    const { tally, verb, bodyOf } = this.#question;
    tally.note(verb, String(status));
    this.#isAnswered = true;
    this.#body = bodyOf({ status, headers });
  }

  onResponseData(_: unknown, chunk: Buffer): void {
    this.#body?.write(chunk);
  }

  onResponseEnd(): void {
    const body = this.#body;
    if (!body || this.#isOver) return;
    this.#isOver = true;
    try {
      this.#settled.resolve(body.end());
    } catch (error) {
      this.#settled.reject(error);
    }
  }

  onResponseError(_: unknown, error: Error): void {
    this.#fail(error);
  }

  #fail(error: Error): void {
    if (this.#isOver) return;
    this.#isOver = true;
    const { tally, verb } = this.#question;
    // What was withheld, and what is no longer wanted, was not asked.
    if (!this.#isAnswered && !(error instanceof TooLateError) && error.name !== "AbortError")
      tally.note(verb, "none");
    this.#settled.reject(error);
  }
}
