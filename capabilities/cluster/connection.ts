import { Agent, DecoratorHandler, request, type Dispatcher } from "undici";
import * as z from "zod";
import type { Json } from "../kube/object";
import type { Credentials, Login } from "./credentials";
import { ApiError, apiError, NetworkError, TooLateError } from "./errors";
import { parseJson, writeJson } from "./json";

/** Connections for everything but watches. */
const MAX_CONNECTIONS = 10;

/** After how many milliseconds a request counts as unanswered. */
const REQUEST_TIMEOUT = 30_000;

/** The longest pause that a Retry-After may ask for, in seconds. */
const MAX_RETRY_AFTER = 30;

/** How long a watch may stay silent, in milliseconds. The API server sends a bookmark about every minute. */
const WATCH_SILENCE = 150_000;

/** What happens on a watch's connection. */
export interface StreamHandlers {
  opened(): void;
  line(line: Json): void;
}

/** One request to the API server. */
export interface KubeRequest {
  readonly method: "GET" | "POST" | "PATCH" | "DELETE";
  /** Path with query, for example "/api/v1/namespaces/a/configmaps/b?dryRun=All". */
  readonly path: string;
  readonly body?: unknown;
  /** Type of the body; plain JSON if absent. */
  readonly contentType?: string;
  /** Asks for metadata only, of one object (also of each object in a watch) or of a list. */
  readonly metadataOf?: "object" | "list" | undefined;
  /** performance.now() after which the request must not leave. */
  readonly notAfter?: number | undefined;
}

/** Source: Kubernetes API concepts, "Alternate representations of resources". */
const ACCEPT = {
  whole: "application/json",
  object: "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=1,application/json",
  list: "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=1,application/json",
};

const statusReply = z.object({
  message: z.string().catch("no message"),
  reason: z.string().catch(""),
});

/** The way to one API server: one pool of kept-alive connections for requests, plus one connection per watch. */
export class Connection {
  readonly #credentials: Credentials;
  #pools: { requests: Agent; watches: Agent } | undefined;

  constructor(credentials: Credentials) {
    this.#credentials = credentials;
  }

  /**
   * Sends one request and waits for its answer.
   *
   * @returns the parsed reply
   * @throws ApiError or a subclass for an unsuccessful reply, NetworkError if none came, TooLateError if `notAfter`
   * passed
   */
  async send(query: KubeRequest): Promise<Json> {
    const { requests, headers } = await this.#open();
    try {
      const reply = await request(this.#credentials.server + query.path, {
        dispatcher: punctual(requests, query.notAfter),
        method: query.method,
        headers: { ...headers, ...headersFor(query) },
        body: query.body === undefined ? null : writeJson(query.body),
        headersTimeout: REQUEST_TIMEOUT,
        bodyTimeout: REQUEST_TIMEOUT,
      });
      return this.#read(reply, await reply.body.text(), query);
    } catch (error) {
      if (error instanceof TooLateError || error instanceof ApiError) throw error;
      throw new NetworkError(`${query.method} ${query.path}: no answer: ${String(error)}`, { cause: error });
    }
  }

  /**
   * Opens a watch and passes on its events as they arrive, each a parsed line.
   *
   * @param on.opened called once the API server has begun to answer
   * @returns when the server ends the watch
   * @throws ApiError for an unsuccessful reply, NetworkError if the connection broke or fell silent
   */
  async stream(query: KubeRequest, signal: AbortSignal, on: StreamHandlers): Promise<void> {
    const { watches, headers } = await this.#open();
    try {
      const reply = await request(this.#credentials.server + query.path, {
        dispatcher: watches,
        method: query.method,
        headers: { ...headers, ...headersFor(query) },
        signal,
        headersTimeout: REQUEST_TIMEOUT,
        bodyTimeout: WATCH_SILENCE,
      });
      if (reply.statusCode !== 200) this.#read(reply, await reply.body.text(), query);
      on.opened();
      await eachLine(reply.body, line => {
        on.line(parseJson(line));
      });
    } catch (error) {
      if (error instanceof ApiError) throw error;
      throw new NetworkError(`watch ${query.path}: ${String(error)}`, { cause: error });
    }
  }

  /** Closes every connection. Requests under way fail. */
  async close(): Promise<void> {
    await Promise.all([this.#pools?.requests.destroy(), this.#pools?.watches.destroy()]);
  }

  async #open(): Promise<{ requests: Agent; watches: Agent; headers: Login["headers"] }> {
    const { headers, tls } = await this.#credentials.login();
    this.#pools ??= {
      requests: new Agent({ connect: tls, connections: MAX_CONNECTIONS, keepAliveTimeout: 60_000 }),
      watches: new Agent({ connect: tls, connections: null, keepAliveTimeout: 1 }),
    };
    return { ...this.#pools, headers };
  }

  #read({ statusCode, headers }: Dispatcher.ResponseData, text: string, query: KubeRequest): Json {
    const body = parseReply(text);
    if (statusCode >= 200 && statusCode < 300 && body !== undefined) return body;
    if (statusCode === 401) this.#credentials.reject();
    const { message, reason } = statusReply.parse(
      typeof body === "object" && body !== null ? body : { message: text },
    );
    throw apiError(statusCode, {
      reason,
      message: `${message} (${query.method} ${query.path.split("?")[0] ?? ""})`,
      retryAfterSeconds: Math.min(Math.max(Number(headers["retry-after"]) || 1, 1), MAX_RETRY_AFTER),
    });
  }
}

function headersFor({ body, contentType = "application/json", metadataOf }: KubeRequest) {
  return {
    accept: ACCEPT[metadataOf ?? "whole"],
    ...(body === undefined ? {} : { "content-type": contentType }),
  };
}

/** A dispatcher that withholds a request whose turn comes too late: undici notifies a handler just before it writes a request. */
function punctual(requests: Agent, notAfter: number | undefined): Dispatcher {
  if (notAfter === undefined) return requests;
  return requests.compose(dispatch => (options, handler) => {
    const inner: Dispatcher.DispatchHandler = new DecoratorHandler(handler);
    return dispatch(options, {
      onRequestStart(controller, context) {
        inner.onRequestStart?.(controller, context);
        if (performance.now() > notAfter)
          controller.abort(new TooLateError("the check before this write is too old"));
      },
      onResponseStart: (...args) => inner.onResponseStart?.(...args),
      onResponseData: (...args) => inner.onResponseData?.(...args),
      onResponseEnd: (...args) => inner.onResponseEnd?.(...args),
      onResponseError: (...args) => inner.onResponseError?.(...args),
    });
  });
}

function parseReply(text: string): Json | undefined {
  try {
    return parseJson(text);
  } catch {
    return undefined;
  }
}

/** Splits a body into lines; a line may span many chunks, and a chunk may hold many lines. */
async function eachLine(body: AsyncIterable<Buffer>, onLine: (line: string) => void): Promise<void> {
  const decoder = new TextDecoder();
  let rest: string[] = [];
  for await (const chunk of body) {
    const lines = decoder.decode(chunk, { stream: true }).split("\n");
    const last = lines.pop() ?? "";
    for (const line of lines) {
      onLine(rest.join("") + line);
      rest = [];
    }
    if (last !== "") rest.push(last);
  }
}
