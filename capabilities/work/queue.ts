import type { Controller, ControllerName, Request, Result } from "./controller";
import { Counts } from "./counts";
import { keyOf, newEntry, type Entry } from "./entry";
import { SeparateTurns, type Workers } from "./separate-turns";
import { Slice } from "./slice";

/** How a queue handles its requests. */
export interface QueueOptions extends Workers {
  /** Milliseconds before a failed request runs again; attempt counts from 1 and starts over with success, or with a failure of another sort. */
  retryDelay(error: unknown, attempt: number): number;
  /** Whether a failure is likely to heal by itself. */
  isPassing(error: unknown): boolean;
}

/** After how many milliseconds a run takes long. */
const LONG = 1_000;

/**
 * A coalescing queue: holds each key at most once, so it cannot grow beyond the number of things to look at. Within a
 * group, order is first in, first out; groups take turns.
 */
export class Queue {
  readonly #options: QueueOptions;
  readonly #entries = new Map<string, Entry>();
  readonly #turns: SeparateTurns<Entry>;
  /** By controller: requests that wait for their turn or run, and requests that back off and are struck. */
  readonly #due = new Counts<ControllerName>();
  readonly #struck = new Counts<ControllerName>();
  #controllers: Readonly<Record<ControllerName, Controller>> | undefined;
  #ran: () => void = () => undefined;
  #stopped: (() => void) | undefined;
  #isStopped = false;
  /** Runs that wait for nothing follow each other without a pause. */
  readonly #slice = new Slice(() => {
    this.#fill();
  });

  constructor(options: QueueOptions) {
    this.#options = options;
    this.#turns = new SeparateTurns(options);
  }

  /** Number of keys waiting, running or backing off. */
  get size(): number {
    return this.#entries.size;
  }

  /** Number of keys waiting or running. */
  get due(): number {
    return this.#due.sum;
  }

  /** Begins to run requests. @param ran called after each run, once the queue knows its result */
  serve(controllers: Readonly<Record<ControllerName, Controller>>, ran: () => void = () => undefined): void {
    this.#controllers = controllers;
    this.#ran = ran;
    this.#fill();
  }

  /** Runs the request when its turn comes. An event does not shorten a back-off, unless its last run has asked for news. */
  add(request: Request): void {
    const entry = this.#entries.get(keyOf(request));
    if (entry?.request.canWait && !request.canWait) this.#hurry(entry, request);
    if (!entry) this.#wait(this.#entryOf(request));
    else if (entry.state === "running") entry.state = "again";
    else if (entry.state === "delayed") this.#hasten(entry);
  }

  /** Runs the request after a delay in milliseconds, or earlier if it is already due earlier. */
  addAfter(request: Request, delay: number): void {
    if (this.#entries.has(keyOf(request))) this.add(request);
    else this.#delay(this.#entryOf(request), delay);
  }

  /**
   * Runs the request without waiting for the end of a back-off, even of one that is about to begin: the reason for the
   * failure may be gone.
   */
  addNow(request: Request): void {
    this.retryNow(request);
    this.add(request);
  }

  /** Ends the back-off of a request, even of one that is about to fail. Does not add a request that is not in the queue. */
  retryNow(request: Request): void {
    const entry = this.#entries.get(keyOf(request));
    if (entry?.state === "running" || entry?.state === "again") entry.state = "again at once";
    if (entry?.state !== "delayed") return;
    clearTimeout(entry.timer);
    entry.attempts = 0;
    this.#wake(entry);
  }

  /** Whether requests of a controller wait for their turn or run; those that back off do not count. */
  isBusyWith(controller: ControllerName): boolean {
    return this.#due.of(controller) > 0;
  }

  /** Whether requests of a controller back off from a failure that is likely to heal by itself. */
  isStruckIn(controller: ControllerName): boolean {
    return this.#struck.of(controller) > 0;
  }

  /** Accepts nothing more, and resolves once all running requests have ended. */
  stop(): Promise<void> {
    this.#isStopped = true;
    for (const { timer } of this.#entries.values()) clearTimeout(timer);
    this.#turns.clear();
    return this.#turns.running === 0 ? Promise.resolve() : new Promise(resolve => (this.#stopped = resolve));
  }

  #entryOf(request: Request): Entry {
    const entry = newEntry(request);
    this.#entries.set(keyOf(request), entry);
    return entry;
  }

  #wait(entry: Entry): void {
    if (this.#isStopped) return;
    entry.state = "waiting";
    this.#due.add(entry.request.controller, 1);
    this.#turns.of(entry).add(entry);
    queueMicrotask(() => {
      this.#fill();
    });
  }

  /** Something has happened to what could wait. */
  #hurry(entry: Entry, request: Request): void {
    if (entry.state === "waiting") this.#turns.of(entry).withdraw(entry);
    entry.request = request;
    if (entry.state === "waiting") this.#turns.of(entry).add(entry);
  }

  #delay(entry: Entry, delay: number): void {
    if (this.#isStopped) return;
    entry.state = "delayed";
    if (entry.isStruck) this.#struck.add(entry.request.controller, 1);
    entry.timer = setTimeout(this.#wake.bind(this), delay, entry);
  }

  /** There is news for a run that has asked for it. */
  #hasten(entry: Entry): void {
    if (entry.openFrom === undefined || this.#isStopped) return;
    clearTimeout(entry.timer);
    entry.timer = setTimeout(this.#wake.bind(this), Math.max(0, entry.openFrom - performance.now()), entry);
    entry.openFrom = undefined;
  }

  #wake(entry: Entry): void {
    if (entry.isStruck) this.#struck.add(entry.request.controller, -1);
    this.#wait(entry);
  }

  #fill(): void {
    if (!this.#controllers || this.#isStopped) return;
    while (!this.#slice.isOver) {
      const entry = this.#turns.next();
      if (!entry) return;
      this.#slice.begin();
      void this.#run(entry, this.#controllers[entry.request.controller]);
    }
  }

  async #run(entry: Entry, controller: Controller): Promise<void> {
    entry.state = "running";
    const begun = performance.now();
    const long = setTimeout(() => {
      this.#turns.of(entry).detain(entry);
      this.#fill();
    }, LONG);
    const later = await this.#attempt(entry, controller);
    clearTimeout(long);
    this.#turns.of(entry).end(entry, performance.now() - begun > LONG);
    this.#due.add(entry.request.controller, -1);
    this.#settle(entry, later);
    this.#ran();
    if (this.#isStopped && this.#turns.running === 0) this.#stopped?.();
    else this.#fill();
  }

  async #attempt(entry: Entry, controller: Controller): Promise<Result> {
    const { request } = entry;
    try {
      const later = await controller.reconcile(request, ++entry.attempts);
      entry.isStruck = false;
      if (later === undefined) entry.attempts = 0;
      return later;
    } catch (error) {
      controller.failed(request, error);
      const isStruck = this.#options.isPassing(error);
      if (isStruck !== entry.isStruck) entry.attempts = 1;
      entry.isStruck = isStruck;
      return { retryAfter: this.#options.retryDelay(error, entry.attempts) };
    }
  }

  #settle(entry: Entry, later: Result): void {
    const { state } = entry;
    const { newsAfter } = later ?? {};
    entry.openFrom = newsAfter === undefined ? undefined : performance.now() + newsAfter;
    if (state === "again at once") {
      entry.attempts = 0;
      this.#wait(entry);
    } else if (later) this.#delay(entry, later.retryAfter);
    else if (state === "again") this.#wait(entry);
    else {
      this.#turns.of(entry).forget(entry);
      this.#entries.delete(keyOf(entry.request));
    }
    if (state === "again" && later) this.#hasten(entry);
  }
}
