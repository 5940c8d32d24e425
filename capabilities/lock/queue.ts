/** One piece of work. Adding it again while it waits changes nothing; while it runs, it runs once more afterwards. */
export interface Task {
  /** Tasks of one key never run at the same time. */
  readonly key: string;
  /** Groups take turns, so that a large one does not hold up a small one. */
  readonly group: string;
  /** @throws anything: the task is run again after a back-off */
  run(): Promise<void>;
  /** Told of a failed run, before the back-off. */
  failed(error: unknown): void;
}

/** How a queue works off its tasks. */
export interface QueueOptions {
  /** Tasks that may run at the same time. */
  workers: number;
  /** Milliseconds before a failed task runs again; attempt counts from 1 and is reset by success. */
  retryDelay(error: unknown, attempt: number): number;
}

interface Entry {
  task: Task;
  /** Running ones may be wanted again: after the back-off where they fail, or without one. */
  state: "waiting" | "running" | "again" | "again at once" | "delayed";
  attempts: number;
  timer?: NodeJS.Timeout;
}

/**
 * A group with more than this many tasks waiting is large: it takes no more than its share of the workers. Its tasks wait for each other
 * anyway, and those of others should find the API server free.
 */
const LARGE = 50;
const SHARE_OF_LARGE = 3;

/**
 * A coalescing queue: holds each key at most once, so it cannot grow beyond the number of things there are to look at. Order within a
 * group is first in, first out; groups take turns.
 */
export class Queue {
  readonly #options: QueueOptions;
  readonly #entries = new Map<string, Entry>();
  /** Waiting entries by group; the order of the groups is the order of their turns. */
  readonly #waiting = new Map<string, Entry[]>();
  /** How many tasks of a group run. */
  readonly #runningOf = new Map<string, number>();
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

  /** Runs the task as soon as it is its turn. One that backs off stays so: an event does not shorten a back-off. */
  add(task: Task): void {
    const entry = this.#entries.get(task.key);
    if (!entry) this.#wait({ task, state: "waiting", attempts: 0 });
    else {
      entry.task = task;
      if (entry.state === "running") entry.state = "again";
    }
  }

  /** Runs the task after a delay in milliseconds, or earlier where it is due earlier already. */
  addAfter(task: Task, delay: number): void {
    const entry = this.#entries.get(task.key);
    if (entry) this.add(task);
    else this.#delay({ task, state: "delayed", attempts: 0 }, delay);
  }

  /** Ends the back-off of a key, also of one that is just about to fail: what makes it fail may have changed. */
  retryNow(key: string): void {
    const entry = this.#entries.get(key);
    if (entry?.state === "running" || entry?.state === "again") entry.state = "again at once";
    if (entry?.state !== "delayed") return;
    clearTimeout(entry.timer);
    entry.attempts = 0;
    this.#wait(entry);
  }

  /** Takes nothing more and resolves once what runs has ended. */
  stop(): Promise<void> {
    this.#isStopped = true;
    for (const { timer } of this.#entries.values()) clearTimeout(timer);
    this.#waiting.clear();
    return this.#running === 0 ? Promise.resolve() : new Promise(resolve => (this.#stopped = resolve));
  }

  #wait(entry: Entry): void {
    if (this.#isStopped) return;
    entry.state = "waiting";
    this.#entries.set(entry.task.key, entry);
    const group = this.#waiting.get(entry.task.group);
    if (group) group.push(entry);
    else this.#waiting.set(entry.task.group, [entry]);
    queueMicrotask(() => {
      this.#fill();
    });
  }

  #delay(entry: Entry, delay: number): void {
    if (this.#isStopped) return;
    entry.state = "delayed";
    this.#entries.set(entry.task.key, entry);
    entry.timer = setTimeout(() => {
      this.#wait(entry);
    }, delay);
  }

  #fill(): void {
    while (this.#running < this.#options.workers) {
      const entry = this.#next();
      if (!entry) return;
      void this.#run(entry);
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

  #count(group: string, change: 1 | -1): void {
    const running = (this.#runningOf.get(group) ?? 0) + change;
    this.#running += change;
    if (running > 0) this.#runningOf.set(group, running);
    else this.#runningOf.delete(group);
  }

  async #run(entry: Entry): Promise<void> {
    entry.state = "running";
    const task = entry.task;
    this.#count(task.group, 1);
    let retry: number | undefined;
    try {
      await task.run();
      entry.attempts = 0;
    } catch (error) {
      entry.attempts++;
      task.failed(error);
      retry = this.#options.retryDelay(error, entry.attempts);
    }
    this.#count(task.group, -1);
    this.#settle(entry, retry);
    if (this.#isStopped && this.#running === 0) this.#stopped?.();
    else this.#fill();
  }

  #settle(entry: Entry, retry: number | undefined): void {
    if (entry.state === "again at once") this.#wait(entry);
    else if (retry !== undefined) this.#delay(entry, retry);
    else if (entry.state === "again") this.#wait(entry);
    else this.#entries.delete(entry.task.key);
  }
}
