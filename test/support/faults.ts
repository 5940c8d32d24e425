import { once } from "node:events";
import type { ServerResponse } from "node:http";
import { patiently } from "../../hack/lib/patience";

/** One request of a locker, as the proxy sees it. */
export interface Request {
  readonly method: string;
  /** For example "/api/v1/namespaces/shop/configmaps/settings". */
  readonly path: string;
  readonly query: URLSearchParams;
}

/** The requests that a fault applies to. */
export type Matches = (request: Request) => boolean;

/** Everything except watches. */
export const isCall: Matches = request => !isWatch(request);

/** Watches of every kind. */
export const isWatch: Matches = ({ query }) => query.has("watch");

/** Watches that continue from a resourceVersion, or from an older one; resourceVersions compare as numbers (KEP-5504). */
export function isWatchFrom(resourceVersion: string): Matches {
  return request =>
    isWatch(request) && BigInt(request.query.get("resourceVersion") ?? "0") <= BigInt(resourceVersion);
}

/** Watches of a kind, by its plural. */
export function isWatchOf(plural: string): Matches {
  return request => isWatch(request) && request.path.endsWith(`/${plural}`);
}

/** The watch of release records. */
export const isRecordWatch: Matches = request => isWatch(request) && request.path.endsWith("/secrets");

/** Lists and watches of a collection, in one namespace or in all, by its plural. */
export function isFollowing(plural: string): Matches {
  return ({ method, path }) => method === "GET" && path.endsWith(`/${plural}`);
}

/** Lists: whole ones, or the first object to see how far the API server is. */
export const isList: Matches = ({ method, query }) =>
  method === "GET" && query.has("limit") && !query.has("watch");

/** Writes that may take effect, without dry runs, questions about rights, and what the locker notes for itself. */
export const isWrite: Matches = ({ method, path, query }) =>
  ["POST", "PUT", "PATCH", "DELETE"].includes(method) &&
  !query.has("dryRun") &&
  !path.startsWith("/apis/authorization.k8s.io/") &&
  !path.includes("/helmreleasememories/");

/** Writes to the object at a path. */
export function isWriteTo(object: string): Matches {
  return request => isWrite(request) && request.path === object;
}

/** Reads of a release's records; every phase check consists of such reads. */
export function isRecordRead(release: string): Matches {
  return ({ method, path }) => method === "GET" && path.includes(`/secrets/sh.helm.release.v1.${release}.v`);
}

/** Where a request is held up: before the API server gets it, or after the answer. */
export type StallPoint = "request" | "answer";

/** Holds up every matching request from now on, until released. */
export class Stall {
  readonly #held = Promise.withResolvers<undefined>();
  readonly #released = Promise.withResolvers<undefined>();
  readonly #answers: Promise<number | undefined>[] = [];
  readonly #end: () => void;

  /** @param end called when the requests are released */
  constructor(
    readonly matches: Matches,
    readonly point: StallPoint,
    end: () => void,
  ) {
    this.#end = end;
  }

  /** Resolves when the first request is held. */
  held(): Promise<void> {
    return patiently(this.#held.promise, "a request to hold up");
  }

  /** Keeps a request, or the answer to it, until released. */
  async hold(response: ServerResponse): Promise<void> {
    this.#answers.push(statusOf(response));
    this.#held.resolve(undefined);
    await this.#released.promise;
  }

  /**
   * Lets everything go that is held.
   *
   * @returns the statuses that the locker then got; undefined if it had hung up
   */
  release(): Promise<(number | undefined)[]> {
    this.#end();
    this.#released.resolve(undefined);
    return patiently(Promise.all(this.#answers), "the answers to what was held up");
  }
}

async function statusOf(response: ServerResponse): Promise<number | undefined> {
  if (!response.closed) await once(response, "close");
  return response.writableFinished ? response.statusCode : undefined;
}
