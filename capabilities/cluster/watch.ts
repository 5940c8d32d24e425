import { setTimeout as delay } from "node:timers/promises";
import { isObject, type Json, type JsonObject, type KubeObject } from "../release/object";
import type { KubeClient, KubeRequest } from "./client";
import { ApiError, apiError, ExpiredError, ForbiddenError, NotFoundError } from "./errors";
import { asObject, itemsOf } from "./objects";
import { collectionPath, type Resource } from "./resources";

/** Objects a LIST page, so that neither side holds a whole large collection. */
const PAGE = 500;

/** Milliseconds between attempts after a failure: doubled from the first to the last. */
const RETRY = { first: 50, last: 2_000 };

/** Milliseconds between attempts where the kind is not served or may not be watched: neither heals within seconds. */
const RETRY_REFUSED = 15_000;

/** What to watch. */
export interface WatchScope {
  readonly resource: Resource;
  /** One namespace; every one where absent. */
  readonly namespace?: string | undefined;
  readonly labelSelector: string;
  /** Ask the server for metadata alone. */
  readonly metadataOnly?: boolean;
}

/** What a watch tells. Called one after the other, in the server's order; none may wait. */
export interface WatchHandlers {
  /** An object as it is now: listed, added or modified. */
  changed(object: KubeObject): void;
  /** An object that is gone, or no longer matches the selector. */
  deleted(object: KubeObject): void;
  /** A list is complete: what is not among its objects ("namespace/name") was not there at that resourceVersion. */
  listed(present: ReadonlySet<string>, resourceVersion: string): void;
  /** An attempt failed; it will be repeated. */
  failed(error: unknown): void;
}

/** "namespace/name", the namespace empty for cluster-scoped objects. */
export function presenceKey(namespace: Json | undefined, name: string): string {
  return `${typeof namespace === "string" ? namespace : ""}/${name}`;
}

/**
 * Lists a collection and follows it, for ever: goes on from the last resourceVersion after a cut (bookmarks keep it recent) and lists
 * again only when the server no longer has it. Keeps no object.
 */
export class Watch {
  readonly #client: KubeClient;
  readonly #scope: WatchScope;
  readonly #handlers: WatchHandlers;
  readonly #stopped = new AbortController();
  #resourceVersion: string | undefined;
  #failures = 0;

  constructor(client: KubeClient, scope: WatchScope, handlers: WatchHandlers) {
    this.#client = client;
    this.#scope = scope;
    this.#handlers = handlers;
  }

  /** Starts watching; returns at once. */
  start(): void {
    void this.#run();
  }

  /** Ends the watch; no handler is called any more. */
  stop(): void {
    this.#stopped.abort();
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
    const jittered = milliseconds * (0.5 + Math.random() / 2);
    await delay(jittered, undefined, { signal: this.#stopped.signal }).catch(() => undefined);
  }

  async #list(): Promise<string> {
    const present = new Set<string>();
    let token: Json | undefined = "";
    let version: Json | undefined;
    do {
      const list = await this.#client.send(this.#request("list", { limit: String(PAGE), continue: token }));
      if (this.#isStopped()) return "";
      for (const item of itemsOf(list, this.#scope.resource)) {
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
    await this.#client.stream(this.#request("object", query), this.#stopped.signal, line => {
      if (!this.#isStopped()) this.#receive(line);
    });
  }

  #receive(line: Json): void {
    const { type, object } = isObject(line) ? line : {};
    if (!isObject(object)) throw new ApiError(500, "", "the watch sent something other than an event");
    if (type === "ERROR") throw eventError(object);
    if (isObject(object.metadata) && typeof object.metadata.resourceVersion === "string") {
      this.#resourceVersion = object.metadata.resourceVersion;
    }
    this.#failures = 0;
    if (type === "DELETED") this.#handlers.deleted(asObject(object));
    else if (type !== "BOOKMARK") this.#handlers.changed(asObject(object));
  }

  #request(metadataOf: "object" | "list", query: Record<string, string>): KubeRequest {
    const { resource, namespace, labelSelector, metadataOnly = false } = this.#scope;
    const path = `${collectionPath(resource, namespace)}?${new URLSearchParams({ labelSelector, ...query }).toString()}`;
    return { method: "GET", path, ...(metadataOnly ? { metadataOf } : {}) };
  }
}

function eventError(status: JsonObject): ApiError {
  const code = typeof status.code === "number" ? status.code : 500;
  const message = typeof status.message === "string" ? status.message : "the watch reported an error";
  return apiError(code, { reason: "", message, retryAfterSeconds: 1 });
}
