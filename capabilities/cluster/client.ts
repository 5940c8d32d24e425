import { KubeConfig } from "@kubernetes/client-node";
import type { RequestOptions } from "node:https";
import { Agent, DecoratorHandler, request, type Dispatcher } from "undici";
import * as z from "zod";
import type { Json } from "../release/object";
import { apiError, NetworkError, TooLateError } from "./errors";
import { parseJson, writeJson } from "./json";

/** Connections for everything but watches. */
export const MAX_CONNECTIONS = 10;

/** How long a request may take before it counts as unanswered, in milliseconds. */
const REQUEST_TIMEOUT = 30_000;

/** The longest pause that a Retry-After may ask for, in seconds. */
const MAX_RETRY_AFTER = 30;

/** How long credentials are used before they are asked for again, in milliseconds: tokens of a Pod rotate hourly. */
const CREDENTIALS_LIFETIME = 60_000;

/** How long a watch may stay silent, in milliseconds. The API server sends a bookmark about every minute. */
const WATCH_SILENCE = 150_000;

/** One request to the API server. */
export interface KubeRequest {
  method: "GET" | "POST" | "PATCH" | "DELETE";
  /** Path with query, for example "/api/v1/namespaces/a/configmaps/b?dryRun=All". */
  path: string;
  body?: unknown;
  /** Type of the body; plain JSON where absent. */
  contentType?: string;
  /** Ask for metadata only, of one object (also of each in a watch) or of a list. */
  metadataOf?: "object" | "list";
  /** performance.now() after which the request must not leave any more. */
  notAfter?: number;
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

/** Talks to one API server: one kubeconfig, loaded once, and one pool of kept-alive connections. */
export class KubeClient {
  readonly #kubeConfig: KubeConfig;
  readonly #server: string;
  #requests: Agent | undefined;
  #watches: Agent | undefined;
  #headers: Record<string, string> = {};
  #headersExpire = 0;

  /** @param kubeConfig where to connect and as whom */
  constructor(kubeConfig: KubeConfig) {
    const cluster = kubeConfig.getCurrentCluster();
    if (!cluster)
      throw new Error("the kubeconfig has no current context with a cluster: set one, or set KUBECONFIG");
    this.#kubeConfig = kubeConfig;
    this.#server = cluster.server.replace(/\/$/, "");
  }

  /** A client for the cluster of $KUBECONFIG, ~/.kube/config or, in a Pod, its ServiceAccount. */
  static fromEnvironment(): KubeClient {
    const kubeConfig = new KubeConfig();
    kubeConfig.loadFromDefault();
    return new KubeClient(kubeConfig);
  }

  /**
   * Sends one request and waits for its answer.
   *
   * @returns the parsed reply
   * @throws ApiError or a subclass for an unsuccessful reply, NetworkError where none came, TooLateError where `notAfter` passed
   */
  async send(query: KubeRequest): Promise<Json> {
    const headers = await this.#authorized(query);
    let reply: Dispatcher.ResponseData;
    let text: string;
    try {
      reply = await request(this.#server + query.path, {
        dispatcher: this.#punctual(query.notAfter),
        method: query.method,
        headers,
        body: query.body === undefined ? null : writeJson(query.body),
        headersTimeout: REQUEST_TIMEOUT,
        bodyTimeout: REQUEST_TIMEOUT,
      });
      text = await reply.body.text();
    } catch (error) {
      if (error instanceof TooLateError) throw error;
      throw new NetworkError(`${query.method} ${query.path}: no answer: ${String(error)}`, { cause: error });
    }
    return this.#read(reply, text, query);
  }

  /**
   * Opens a watch and hands over its events as they arrive, each a parsed line.
   *
   * @returns when the server ends the watch
   * @throws ApiError for an unsuccessful reply, NetworkError where the connection broke or fell silent
   */
  async stream(query: KubeRequest, signal: AbortSignal, onLine: (line: Json) => void): Promise<void> {
    const headers = await this.#authorized(query);
    try {
      const reply = await request(this.#server + query.path, {
        dispatcher: this.#agents().watches,
        method: query.method,
        headers,
        signal,
        headersTimeout: REQUEST_TIMEOUT,
        bodyTimeout: WATCH_SILENCE,
      });
      if (reply.statusCode !== 200) this.#read(reply, await reply.body.text(), query);
      await eachLine(reply.body, line => {
        onLine(parseJson(line));
      });
    } catch (error) {
      if (error instanceof Error && "status" in error) throw error;
      throw new NetworkError(`watch ${query.path}: ${String(error)}`, { cause: error });
    }
  }

  /** Closes every connection. Requests under way fail. */
  async close(): Promise<void> {
    await Promise.all([this.#requests?.destroy(), this.#watches?.destroy()]);
  }

  #read(reply: Dispatcher.ResponseData, text: string, query: KubeRequest): Json {
    const body = parseReply(text);
    if (reply.statusCode >= 200 && reply.statusCode < 300 && body !== undefined) return body;
    if (reply.statusCode === 401) this.#headersExpire = 0;
    const { message, reason } = statusReply.parse(
      typeof body === "object" && body !== null ? body : { message: text },
    );
    const retryAfterSeconds = Math.min(
      Math.max(Number(reply.headers["retry-after"]) || 1, 1),
      MAX_RETRY_AFTER,
    );
    throw apiError(reply.statusCode, {
      reason,
      message: `${message} (${query.method} ${query.path.split("?")[0] ?? ""})`,
      retryAfterSeconds,
    });
  }

  async #authorized(query: KubeRequest): Promise<Record<string, string>> {
    if (this.#requests === undefined || performance.now() > this.#headersExpire)
      await this.#refreshCredentials();
    return {
      ...this.#headers,
      accept: ACCEPT[query.metadataOf ?? "whole"],
      ...(query.body === undefined ? {} : { "content-type": query.contentType ?? "application/json" }),
    };
  }

  async #refreshCredentials(): Promise<void> {
    const options: RequestOptions = {};
    try {
      await this.#kubeConfig.applyToHTTPSOptions(options);
    } catch (error) {
      throw new NetworkError(`no credentials for the API server: ${String(error)}`, { cause: error });
    }
    this.#headers = {};
    for (const [name, value] of Object.entries(options.headers ?? {})) {
      if (value !== undefined) this.#headers[name.toLowerCase()] = String(value);
    }
    if (typeof options.auth === "string") {
      this.#headers.authorization = `Basic ${Buffer.from(options.auth).toString("base64")}`;
    }
    this.#headersExpire = performance.now() + CREDENTIALS_LIFETIME;
    if (this.#requests !== undefined) return;
    const { ca, cert, key, servername, rejectUnauthorized = true } = options;
    const connect = { ca, cert, key, servername, rejectUnauthorized };
    this.#requests = new Agent({ connect, connections: MAX_CONNECTIONS, keepAliveTimeout: 60_000 });
    this.#watches = new Agent({ connect, connections: null, keepAliveTimeout: 1 });
  }

  #agents(): { requests: Agent; watches: Agent } {
    if (this.#requests === undefined || this.#watches === undefined)
      throw new Error("credentials were not loaded");
    return { requests: this.#requests, watches: this.#watches };
  }

  #punctual(notAfter: number | undefined): Dispatcher {
    const { requests } = this.#agents();
    if (notAfter === undefined) return requests;
    return requests.compose(dispatch => (options, handler) => dispatch(options, punctual(handler, notAfter)));
  }
}

/** Withholds a request whose turn comes too late: undici tells a handler the moment before a request is written. */
function punctual(handler: Dispatcher.DispatchHandler, notAfter: number): Dispatcher.DispatchHandler {
  const inner: Dispatcher.DispatchHandler = new DecoratorHandler(handler);
  return {
    onRequestStart(controller, context) {
      inner.onRequestStart?.(controller, context);
      if (performance.now() > notAfter)
        controller.abort(new TooLateError("the check before this write is too old"));
    },
    onResponseStart: (...args) => inner.onResponseStart?.(...args),
    onResponseData: (...args) => inner.onResponseData?.(...args),
    onResponseEnd: (...args) => inner.onResponseEnd?.(...args),
    onResponseError: (...args) => inner.onResponseError?.(...args),
  };
}

function parseReply(text: string): Json | undefined {
  try {
    return parseJson(text);
  } catch {
    return undefined;
  }
}

/** Splits a body into lines; a line may come in many chunks, a chunk may hold many lines. */
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
