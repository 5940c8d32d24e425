import type { Controller, ControllerName, Request } from "./controller";

/** How a queue handles its requests. */
export interface QueueOptions {
  /** Requests that may run at the same time. */
  workers: number;
  /** Milliseconds before a failed request runs again; attempt counts from 1 and starts over with success, or with a failure of another sort. */
  retryDelay(error: unknown, attempt: number): number;
  /** Whether a failure is likely to heal by itself. */
  isPassing(error: unknown): boolean;
}

interface Entry {
  readonly request: Request;
  /** A running request may be wanted again: after its back-off if it fails, or without one. */
  state: "waiting" | "running" | "again" | "again at once" | "delayed";
  attempts: number;
  /** Whether the last run failed for a reason that is likely to heal by itself. */
  isStruck: boolean;
  timer?: NodeJS.Timeout;
}

/** A count for each key; keys that count zero are absent. */
type Counts<Key> = Map<Key, number>;

/**
 * A group with more waiting requests than this is large: it gets only its share of the workers. Its requests wait for
 * each other anyway, and requests of other groups should find the API server free.
 */
const LARGE = 50;
const SHARE_OF_LARGE = 3;

/**
 * A coalescing queue: holds each key at most once, so it cannot grow beyond the number of things to look at. Within a
 * group, order is first in, first out; groups take turns.
 */
export class Queue {
  readonly #options: QueueOptions;
  readonly #entries = new Map<string, Entry>();
  /** Waiting entries by group; the order of the groups is the order of their turns. */
  readonly #waiting = new Map<string, Entry[]>();
  /** How many requests of each group are running. */
  readonly #runningOf: Counts<string> = new Map();
  /** By controller: requests that wait for their turn or run, and requests that back off and are struck. */
  readonly #due: Counts<ControllerName> = new Map();
  readonly #struck: Counts<ControllerName> = new Map();
  #controllers: Readonly<Record<ControllerName, Controller>> | undefined;
  #ran: () => void = () => undefined;
  #running = 0;
  #stopped: (() => void) | undefined;
  #isStopped = false;

  constructor(options: QueueOptions) {
    this.#options = options;
  }

  /** Number of keys waiting, running or backing off. */
  get size(): number {
    return this.#entries.size;
  }

  /** Number of keys waiting or running. */
  get due(): number {
    return [...this.#due.values()].reduce((sum, due) => sum + due, 0);
  }

  /** Begins to run requests. @param ran called after each run, once the queue knows its result */
  serve(controllers: Readonly<Record<ControllerName, Controller>>, ran: () => void = () => undefined): void {
    this.#controllers = controllers;
    this.#ran = ran;
    this.#fill();
  }

  /** Runs the request when its turn comes. If it is backing off, that continues: an event does not shorten a back-off. */
  add(request: Request): void {
    const entry = this.#entries.get(keyOf(request));
    if (!entry) this.#wait(this.#entryOf(request));
    else if (entry.state === "running") entry.state = "again";
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
    return this.#due.has(controller);
  }

  /** Whether requests of a controller back off from a failure that is likely to heal by itself. */
  isStruckIn(controller: ControllerName): boolean {
    return this.#struck.has(controller);
  }

  /** Accepts nothing more, and resolves once all running requests have ended. */
  stop(): Promise<void> {
    this.#isStopped = true;
    for (const { timer } of this.#entries.values()) clearTimeout(timer);
    this.#waiting.clear();
    return this.#running === 0 ? Promise.resolve() : new Promise(resolve => (this.#stopped = resolve));
  }

  #entryOf(request: Request): Entry {
    const entry: Entry = { request, state: "waiting", attempts: 0, isStruck: false };
    this.#entries.set(keyOf(request), entry);
    return entry;
  }

  #wait(entry: Entry): void {
    if (this.#isStopped) return;
    entry.state = "waiting";
    count(this.#due, entry.request.controller, 1);
    const group = this.#waiting.get(entry.request.group);
    if (group) group.push(entry);
    else this.#waiting.set(entry.request.group, [entry]);
    queueMicrotask(() => {
      this.#fill();
    });
  }

  #delay(entry: Entry, delay: number): void {
    if (this.#isStopped) return;
    entry.state = "delayed";
    if (entry.isStruck) count(this.#struck, entry.request.controller, 1);
    entry.timer = setTimeout(this.#wake.bind(this), delay, entry);
  }

  #wake(entry: Entry): void {
    if (entry.isStruck) count(this.#struck, entry.request.controller, -1);
    this.#wait(entry);
  }

  #fill(): void {
    if (!this.#controllers) return;
    while (this.#running < this.#options.workers) {
      const entry = this.#next();
      if (!entry) return;
      void this.#run(entry, this.#controllers[entry.request.controller]);
    }
  }

  /** Takes the first entry of the group whose turn it is, and sends that group to the back. */
  #next(): Entry | undefined {
    for (const [group, entries] of this.#waiting) {
      if (entries.length > LARGE && (this.#runningOf.get(group) ?? 0) >= SHARE_OF_LARGE) continue;
      const entry = entries.shift();
      this.#waiting.delete(group);
      if (entries.length > 0) this.#waiting.set(group, entries);
      return entry;
    }
    return undefined;
  }

  async #run(entry: Entry, controller: Controller): Promise<void> {
    const { request } = entry;
    entry.state = "running";
    this.#running++;
    count(this.#runningOf, request.group, 1);
    let retryAfter: number | undefined;
    try {
      retryAfter = (await controller.reconcile(request, ++entry.attempts))?.retryAfter;
      entry.isStruck = false;
      if (retryAfter === undefined) entry.attempts = 0;
    } catch (error) {
      controller.failed(request, error);
      const wasStruck = entry.isStruck;
      entry.isStruck = this.#options.isPassing(error);
      if (entry.isStruck !== wasStruck) entry.attempts = 1;
      retryAfter = this.#options.retryDelay(error, entry.attempts);
    }
    this.#running--;
    count(this.#runningOf, request.group, -1);
    count(this.#due, request.controller, -1);
    this.#settle(entry, retryAfter);
    this.#ran();
    if (this.#isStopped && this.#running === 0) this.#stopped?.();
    else this.#fill();
  }

  #settle(entry: Entry, retryAfter: number | undefined): void {
    if (entry.state === "again at once") this.#wait(entry);
    else if (retryAfter !== undefined) this.#delay(entry, retryAfter);
    else if (entry.state === "again") this.#wait(entry);
    else this.#entries.delete(keyOf(entry.request));
  }
}

function count<Key>(counts: Counts<Key>, key: Key, change: 1 | -1): void {
  const now = (counts.get(key) ?? 0) + change;
  if (now > 0) counts.set(key, now);
  else counts.delete(key);
}

function keyOf({ controller, group, name }: Request): string {
  return `${controller} ${group} ${name}`;
}
