import { presenceKey, type Kind } from "../kube/kinds";
import { isObject, type Json, type KubeObject } from "../kube/object";
import { isOlder } from "../kube/version";
import type { StreamHandlers } from "./connection";
import { ApiError, ExpiredError, NetworkError, NotFoundError } from "./errors";
import { asObject, eventError, itemsOf, pageOf } from "./replies";
import { BackOff } from "./watch-back-off";

/** Objects per LIST page, so that neither side holds a whole large collection. */
const PAGE = 500;

/** Milliseconds before a watch that has ended is opened again. */
const RECONNECT = 50;

/** Milliseconds by which the API server may end a watch before its time. */
const SLACK = 5_000;

/** How long a watch has to stay open to count as one that works, in milliseconds. */
const WORKING = 1_000;

/** After how many milliseconds without an answer a list counts as failed for now; it may still be answered. */
const SLOW = 5_000;

/** What a watch reports. Handlers are called one after the other, in the server's order, and must not wait. */
export interface WatchHandlers {
  /** An object in its current state: listed, added or modified. */
  changed(object: KubeObject): void;
  /** An object that is gone, or no longer matches the selector. */
  deleted(object: KubeObject): void;
  /** A list is complete: an object not in it ("namespace/name") did not exist at that resourceVersion. */
  listed(present: ReadonlySet<string>, resourceVersion: string): void;
  /** An attempt failed, and will be repeated; or it takes long. Until it is resumed, changes are not seen. */
  failed(error: unknown): void;
  /** It is followed again after it was cut, or has failed. What answers now may serve other kinds. */
  resumed?(): void;
  /** etcd was restored from an older copy: no known resourceVersion means anything. A list follows. */
  setBack?(): void;
}

/** How a watch asks; `query` holds the parameters that it adds to the request. */
export interface WatchSource {
  /** One page of the list. */
  list(query: Record<string, string>): Promise<Json>;
  /** Events, until the server or the signal ends them. */
  follow(query: Record<string, string>, signal: AbortSignal, on: StreamHandlers): Promise<void>;
}

/**
 * Lists a collection and follows it forever. After a cut it continues from the last resourceVersion (bookmarks keep it
 * recent), and lists again only if the server no longer has that version, or not yet. Keeps no object.
 */
export class Watch {
  readonly #handlers: WatchHandlers;
  readonly #kind: Kind;
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
  readonly #life: number | undefined;
  readonly #backOff = new BackOff();
  #wake: () => void = () => undefined;

  /** @param life of one watch, in seconds; by default some minutes */
  constructor(handlers: WatchHandlers, kind: Kind, source: WatchSource, life?: number) {
    this.#handlers = handlers;
    this.#kind = kind;
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

  async #run(): Promise<void> {
    while (!this.#isStopped()) {
      try {
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

  async #recover(error: unknown): Promise<void> {
    if (this.#isStopped()) return;
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
    const { version } = pageOf(await this.#answered(this.#source.list({ limit: "1" })));
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
    let token = "";
    let listedAt = "";
    this.#backOff.lists();
    do {
      const list = await this.#answered(this.#source.list({ limit: String(PAGE), continue: token }));
      if (this.#isStopped()) return "";
      ({ version: listedAt, token } = pageOf(list));
      if (this.#isSetBack(listedAt)) this.#setBack(listedAt);
      this.#newest = listedAt;
      for (const item of itemsOf(list, this.#kind)) {
        present.add(presenceKey(item.metadata.namespace, item.metadata.name));
        this.#handlers.changed(item);
      }
    } while (token !== "");
    this.#handlers.listed(present, listedAt);
    return listedAt;
  }

  /** Waits for a page, and tells where that takes long. */
  async #answered(page: Promise<Json>): Promise<Json> {
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
    await this.#source.follow(query, this.#stopped.signal, {
      opened: () => {
        this.#openedAt = performance.now();
        if (wasCut && !this.#isStopped()) this.#handlers.resumed?.();
      },
      line: event => {
        if (!this.#isStopped()) this.#receive(event);
      },
    });
    this.#isCut = performance.now() < endsAt;
    if (performance.now() - this.#openedAt < WORKING) throw new NetworkError("the watch ended at once");
  }

  #receive(event: Json): void {
    const { type, object } = isObject(event) ? event : {};
    if (!isObject(object)) throw new ApiError(500, "", "the watch sent something other than an event");
    if (type === "ERROR") throw eventError(object);
    if (isObject(object.metadata) && typeof object.metadata.resourceVersion === "string") {
      this.#resourceVersion = this.#newest = object.metadata.resourceVersion;
    }
    if (type === "DELETED") this.#handlers.deleted(asObject(object));
    else if (type !== "BOOKMARK") this.#handlers.changed(asObject(object));
  }
}
