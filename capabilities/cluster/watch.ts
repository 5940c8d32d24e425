import { presenceKey, type Kind } from "../kube/kinds";
import { isObject, type Json, type JsonObject, type KubeObject } from "../kube/object";
import { ApiError, apiError, ExpiredError, ForbiddenError, NotFoundError } from "./errors";
import { asObject, itemsOf } from "./replies";

/** Objects per LIST page, so that neither side holds a whole large collection. */
const PAGE = 500;

/** Milliseconds between attempts after a failure: doubled each time, from the first to the last value. */
const RETRY = { first: 50, last: 2_000 };

/** Milliseconds between attempts if the kind is not served or may not be watched: neither changes within seconds. */
const RETRY_REFUSED = 15_000;

/** What a watch reports. Handlers are called one after the other, in the server's order, and must not wait. */
export interface WatchHandlers {
  /** An object in its current state: listed, added or modified. */
  changed(object: KubeObject): void;
  /** An object that is gone, or no longer matches the selector. */
  deleted(object: KubeObject): void;
  /** A list is complete: an object not in it ("namespace/name") did not exist at that resourceVersion. */
  listed(present: ReadonlySet<string>, resourceVersion: string): void;
  /** An attempt failed; it will be repeated. */
  failed(error: unknown): void;
}

/** How a watch asks; `query` holds the parameters that it adds to the request. */
export interface WatchSource {
  /** One page of the list. */
  list(query: Record<string, string>): Promise<Json>;
  /** Events, until the server or the signal ends them. */
  follow(query: Record<string, string>, signal: AbortSignal, onEvent: (event: Json) => void): Promise<void>;
}

/**
 * Lists a collection and follows it forever. After a cut it continues from the last resourceVersion (bookmarks keep it
 * recent), and lists again only if the server no longer has that version. Keeps no object.
 */
export class Watch {
  readonly #handlers: WatchHandlers;
  readonly #kind: Kind;
  readonly #source: WatchSource;
  readonly #stopped = new AbortController();
  #resourceVersion: string | undefined;
  #failures = 0;
  #wake: () => void = () => undefined;

  constructor(handlers: WatchHandlers, kind: Kind, source: WatchSource) {
    this.#handlers = handlers;
    this.#kind = kind;
    this.#source = source;
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
    this.#wake();
  }

  async #run(): Promise<void> {
    while (!this.#isStopped()) {
      try {
        this.#resourceVersion ??= await this.#list();
        await this.#follow(this.#resourceVersion);
        await this.#pause(RETRY.first);
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
    if (error instanceof ExpiredError && this.#failures++ === 0) return;
    this.#handlers.failed(error);
    const refused = error instanceof NotFoundError || error instanceof ForbiddenError;
    await this.#pause(refused ? RETRY_REFUSED : Math.min(RETRY.first * 2 ** this.#failures++, RETRY.last));
  }

  async #pause(milliseconds: number): Promise<void> {
    if (this.#isStopped()) return;
    const jittered = milliseconds * (0.5 + Math.random() / 2);
    await new Promise<void>(resolve => {
      const timer = setTimeout(resolve, jittered);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  async #list(): Promise<string> {
    const present = new Set<string>();
    let token: Json | undefined = "";
    let version: Json | undefined;
    do {
      const list = await this.#source.list({ limit: String(PAGE), continue: token });
      if (this.#isStopped()) return "";
      for (const item of itemsOf(list, this.#kind)) {
        present.add(presenceKey(item.metadata.namespace, item.metadata.name));
        this.#handlers.changed(item);
      }
      const metadata: Json | undefined = isObject(list) ? list.metadata : undefined;
      version = isObject(metadata) ? metadata.resourceVersion : undefined;
      token = isObject(metadata) ? metadata.continue : undefined;
    } while (typeof token === "string" && token !== "");
    this.#failures = 0;
    const listedAt = typeof version === "string" ? version : "";
    this.#handlers.listed(present, listedAt);
    return listedAt;
  }

  async #follow(resourceVersion: string): Promise<void> {
    const timeoutSeconds = Math.round(300 + Math.random() * 300);
    const query = {
      watch: "1",
      allowWatchBookmarks: "1",
      resourceVersion,
      timeoutSeconds: String(timeoutSeconds),
    };
    await this.#source.follow(query, this.#stopped.signal, event => {
      if (!this.#isStopped()) this.#receive(event);
    });
  }

  #receive(event: Json): void {
    const { type, object } = isObject(event) ? event : {};
    if (!isObject(object)) throw new ApiError(500, "", "the watch sent something other than an event");
    if (type === "ERROR") throw eventError(object);
    if (isObject(object.metadata) && typeof object.metadata.resourceVersion === "string") {
      this.#resourceVersion = object.metadata.resourceVersion;
    }
    this.#failures = 0;
    if (type === "DELETED") this.#handlers.deleted(asObject(object));
    else if (type !== "BOOKMARK") this.#handlers.changed(asObject(object));
  }
}

function eventError(status: JsonObject): ApiError {
  const code = typeof status.code === "number" ? status.code : 500;
  const message = typeof status.message === "string" ? status.message : "the watch reported an error";
  return apiError(code, { reason: "", message, retryAfterSeconds: 1 });
}
