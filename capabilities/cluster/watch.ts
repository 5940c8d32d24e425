import { presenceKey, type Kind } from "../kube/kinds";
import { isObject, type Json } from "../kube/object";
import { isOlder } from "../kube/version";
import { ApiError, ExpiredError, NetworkError, NotFoundError } from "./errors";
import { Pages } from "./pages";
import { asObject, eventError } from "./replies";
import { BackOff } from "./watch-back-off";
import type { WatchHandlers, WatchSource } from "./watch-source";

/** Milliseconds before a watch that has ended is opened again. */
const RECONNECT = 50;

/** Milliseconds by which the API server may end a watch before its time. */
const SLACK = 5_000;

/** How long a watch has to stay open to count as one that works, in milliseconds. */
const WORKING = 1_000;

/** After how many milliseconds without an answer a list counts as failed for now; it may still be answered. */
const SLOW = 5_000;

/**
 * Lists a collection and follows it forever. After a cut it continues from the last resourceVersion (bookmarks keep it
 * recent), and lists again only if the server no longer has that version, or not yet. Holds one object at a time.
 */
export class Watch {
  readonly #handlers: WatchHandlers;
  readonly #pages: Pages;
  readonly #source: WatchSource;
  readonly #stopped = new AbortController();
  /** Where to go on from; undefined where a list has to tell. */
  #resourceVersion: string | undefined;
  /** The newest resourceVersion ever seen; empty before the first. */
  #newest = "";
  /** Whether the last watch ended before its time. */
  #isCut = false;
  /** performance.now() when the last watch was opened. */
  #openedAt = Infinity;
  /** Ends the watch under way, for a new list. */
  #relisting = new AbortController();
  readonly #life: number | undefined;
  readonly #backOff = new BackOff();
  #wake: () => void = () => undefined;

  /** @param life of one watch, in seconds; by default some minutes */
  constructor(handlers: WatchHandlers, kind: Kind, source: WatchSource, life?: number) {
    this.#handlers = handlers;
    this.#pages = new Pages(kind, source.list);
    this.#source = source;
    this.#life = life;
  }

  /** Starts watching; returns at once. */
  start(): void {
    void this.#run();
  }

  /** Ends the watch; no handler is called after that. */
  stop(): void {
    this.#stopped.abort();
    this.#wake();
  }

  /** Ends the pause after a failure: somebody knows that the API server answers again. */
  ring(): void {
    if (this.#backOff.mayList) this.#wake();
  }

  /** Lists anew, and follows from there: it was found that something has not been shown. */
  relist(): void {
    this.#relisting.abort();
    this.#wake();
  }

  async #run(): Promise<void> {
    while (!this.#isStopped()) {
      try {
        this.#beginAnew();
        if (this.#isCut) await this.#checkHistory();
        this.#resourceVersion ??= await this.#list();
        await this.#follow(this.#resourceVersion);
        await this.#pause(RECONNECT);
      } catch (error) {
        await this.#recover(error);
      }
    }
  }

  #isStopped(): boolean {
    return this.#stopped.signal.aborted;
  }

  #beginAnew(): void {
    if (!this.#relisting.signal.aborted) return;
    this.#relisting = new AbortController();
    this.#resourceVersion = undefined;
  }

  async #recover(error: unknown): Promise<void> {
    if (this.#isStopped() || this.#relisting.signal.aborted) return;
    if (error instanceof ExpiredError || error instanceof NotFoundError) this.#resourceVersion = undefined;
    if (performance.now() - this.#openedAt > WORKING) this.#backOff.reset();
    this.#openedAt = Infinity;
    const pause = this.#backOff.after(error);
    if (pause === undefined) return;
    this.#fail(error);
    await this.#pause(pause);
  }

  #fail(error: unknown): void {
    this.#isCut = true;
    this.#handlers.failed(error);
  }

  /** A watch from a resourceVersion that is still to come shows nothing until then, without an error. */
  async #checkHistory(): Promise<void> {
    if (this.#resourceVersion === undefined) return;
    const version = await this.#answered(this.#pages.version());
    if (this.#isSetBack(version)) this.#setBack(version);
  }

  #setBack(version: string): void {
    this.#resourceVersion = undefined;
    this.#newest = version;
    this.#handlers.setBack?.();
  }

  #isSetBack(version: string): boolean {
    return version !== "" && isOlder(version, this.#newest);
  }

  async #pause(milliseconds: number): Promise<void> {
    if (this.#isStopped()) return;
    await new Promise<void>(resolve => {
      const timer = setTimeout(resolve, milliseconds);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  async #list(): Promise<string> {
    const present = new Set<string>();
    this.#handlers.listing?.();
    let token = "";
    let listedAt = "";
    this.#backOff.lists();
    do {
      const page = this.#pages.read(token, (object, bytes) => {
        if (this.#isStopped() || !this.#handlers.changed(object, bytes)) return;
        present.add(presenceKey(object.metadata.namespace, object.metadata.name));
      });
      ({ version: listedAt, token } = await this.#answered(page));
      if (this.#isStopped()) return "";
      if (this.#isSetBack(listedAt)) {
        // What was listed until here passed for older than what is known.
        this.#setBack(listedAt);
        return this.#list();
      }
      this.#newest = listedAt;
    } while (token !== "");
    this.#handlers.listed(present, listedAt);
    return listedAt;
  }

  /** Waits for a page, and tells where that takes long. */
  async #answered<T>(page: Promise<T>): Promise<T> {
    const timer = setTimeout(() => {
      if (!this.#isStopped()) this.#fail(new NetworkError(`no answer within ${SLOW / 1000} s`));
    }, SLOW);
    try {
      return await page;
    } finally {
      clearTimeout(timer);
    }
  }

  async #follow(resourceVersion: string): Promise<void> {
    const timeoutSeconds = this.#life ?? Math.round(300 + Math.random() * 300);
    const endsAt = performance.now() + timeoutSeconds * 1000 - SLACK;
    const wasCut = this.#isCut;
    this.#isCut = true;
    const query = {
      watch: "1",
      allowWatchBookmarks: "1",
      resourceVersion,
      timeoutSeconds: String(timeoutSeconds),
    };
    const signal = AbortSignal.any([this.#stopped.signal, this.#relisting.signal]);
    await this.#source.follow(query, signal, {
      opened: () => {
        this.#openedAt = performance.now();
        if (wasCut && !signal.aborted) this.#handlers.resumed?.();
      },
      line: (event, bytes) => {
        if (!signal.aborted) this.#receive(event, bytes);
      },
    });
    this.#isCut = performance.now() < endsAt;
    if (performance.now() - this.#openedAt < WORKING) throw new NetworkError("the watch ended at once");
  }

  #receive(event: Json, bytes: number): void {
    const { type, object } = isObject(event) ? event : {};
    if (!isObject(object)) throw new ApiError(500, "", "the watch sent something other than an event");
    if (type === "ERROR") throw eventError(object);
    if (isObject(object.metadata) && typeof object.metadata.resourceVersion === "string") {
      this.#resourceVersion = this.#newest = object.metadata.resourceVersion;
    }
    if (type === "DELETED") this.#handlers.deleted(asObject(object));
    else if (type !== "BOOKMARK") this.#handlers.changed(asObject(object), bytes);
  }
}
