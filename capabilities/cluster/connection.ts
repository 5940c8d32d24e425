import type { Dispatcher } from "undici";
import * as z from "zod";
import type { Json } from "../kube/object";
import type { Credentials, Login } from "./credentials";
import { eachLine } from "./each-line";
import { ApiError, apiError, NetworkError, TooLateError } from "./errors";
import { parseJson, writeJson } from "./json";
import { Lane } from "./lane";
import { addressOf, headersFor, requestWords, type KubeRequest } from "./kube-request";
import { ListReader, type OnItem } from "./list-reader";
import { CurrentPools } from "./current-pools";
import { Pools, punctual } from "./pools";
import type { Tally } from "./tally";

/** Lists of sources under way, and after how many milliseconds one without an answer makes way for the next. */
const LISTS = 8;
const LIST_PATIENCE = 250;

/** Connections for everything but lists and watches: for all that may run at once where much hangs, and a few. */
const CONNECTIONS = 64;

/** After how many milliseconds a request counts as unanswered. */
const REQUEST_TIMEOUT = 30_000;

/** The longest pause that a Retry-After may ask for, in seconds. */
const MAX_RETRY_AFTER = 30;

/** After how many milliseconds a watch counts as unanswered: the API server begins its answer at once. */
const OPEN_TIMEOUT = 10_000;

/** How long a watch may stay silent, in milliseconds. The API server sends a bookmark about every minute. */
const WATCH_SILENCE = 150_000;

/** What happens on a watch's connection. */
export interface StreamHandlers {
  opened(): void;
  /** @param bytes how many it had */
  line(line: Json, bytes: number): void;
}

const statusReply = z.object({
  message: z.string().catch("no message"),
  reason: z.string().catch(""),
});

/** The way to one API server. */
export class Connection {
  readonly #credentials: Credentials;
  readonly #lists = new Lane(LISTS, LIST_PATIENCE);
  readonly #pools: CurrentPools;
  /** Whether the last pulse was answered: a server that can't be reached is given up only once. */
  #isAlive = false;

  /**
   * @param connections how many there may be for single requests
   * @param tally counts the answers
   */
  constructor(credentials: Credentials, connections = CONNECTIONS, tally?: Tally) {
    this.#credentials = credentials;
    this.#pools = new CurrentPools(login => new Pools(login, connections, tally));
  }

  /**
   * Sends one request and waits for its answer.
   *
   * @returns the parsed reply
   * @throws ApiError or a subclass for an unsuccessful reply, NetworkError if none came, TooLateError if `notAfter`
   * passed
   */
  send(query: KubeRequest): Promise<Json> {
    return this.#ask(query, "requests", async reply => this.#read(reply, await reply.body.text(), query));
  }

  /**
   * Asks for a list, of which it holds one item at a time.
   *
   * @param onItem called for each item as soon as it has arrived
   * @returns the list without its items
   * @throws what `send` throws; some items may have been passed on before
   */
  list(query: KubeRequest, onItem: OnItem, pool: "requests" | "watches" = "requests"): Promise<Json> {
    return this.#ask(query, pool, async reply => {
      if (reply.statusCode !== 200) return this.#read(reply, await reply.body.text(), query);
      const reader = new ListReader(onItem);
      for await (const chunk of reply.body as AsyncIterable<Buffer>) reader.write(chunk);
      return reader.end();
    });
  }

  /** The same for a list of a source: beside other requests, which never wait for it. */
  listBeside(query: KubeRequest, onItem: OnItem): Promise<Json> {
    return this.#lists.run(() => this.list(query, onItem, "watches"));
  }

  /**
   * Opens a watch and passes on its events as they arrive, each a parsed line.
   *
   * @param on.opened called once the API server has begun to answer
   * @returns when the server ends the watch
   * @throws ApiError for an unsuccessful reply, NetworkError if the connection broke or fell silent
   */
  async stream(query: KubeRequest, signal: AbortSignal, on: StreamHandlers): Promise<void> {
    const { pools, login } = await this.#open();
    const overdue = this.#overdue(query);
    try {
      const reply = await pools.watches.request({
        ...addressOf(login.server, query),
        method: query.method,
        headers: { ...login.headers, ...headersFor(query) },
        signal: AbortSignal.any([signal, pools.ending]),
        // A pulse that is not answered at all is overdue first.
        headersTimeout: OPEN_TIMEOUT + (query.pulse ?? 0),
        bodyTimeout: WATCH_SILENCE,
      });
      if (reply.statusCode !== 200) this.#read(reply, await reply.body.text(), query);
      if (query.pulse !== undefined) this.#isAlive = true;
      on.opened();
      await eachLine(reply.body, line => {
        on.line(parseJson(line), line.length);
      });
    } catch (error) {
      throw this.#failure(error, query, pools);
    } finally {
      clearTimeout(overdue);
    }
  }

  /** Closes every connection. Requests under way fail. */
  close(): Promise<void> {
    return this.#pools.close();
  }

  async #ask(
    query: KubeRequest,
    pool: "requests" | "watches",
    read: (reply: Dispatcher.ResponseData) => Promise<Json>,
  ): Promise<Json> {
    const { pools, login } = await this.#open();
    const overdue = this.#overdue(query);
    try {
      const reply = await punctual(pools[pool], query.notAfter).request({
        ...addressOf(login.server, query),
        method: query.method,
        headers: { ...login.headers, ...headersFor(query) },
        body: query.body === undefined ? null : writeJson(query.body),
        signal: pools.ending,
        headersTimeout: REQUEST_TIMEOUT,
        bodyTimeout: REQUEST_TIMEOUT,
      });
      return await read(reply);
    } catch (error) {
      throw this.#failure(error, query, pools);
    } finally {
      clearTimeout(overdue);
    }
  }

  async #open(): Promise<{ pools: Pools; login: Login }> {
    const login = await this.#credentials.login();
    return { pools: this.#pools.of(login), login };
  }

  #overdue({ pulse }: KubeRequest): NodeJS.Timeout | undefined {
    if (pulse === undefined) return undefined;
    return setTimeout(() => {
      if (!this.#isAlive) return;
      this.#isAlive = false;
      this.#pools.giveUp(new Error("the connection fell silent"));
    }, pulse);
  }

  /**
   * The credentials, or where the API server is, may be others by now. Where one connection was cut, or does not answer, others that rest
   * may be dead without a sign.
   */
  #failure(error: unknown, query: KubeRequest, pools: Pools): Error {
    if (error instanceof TooLateError || error instanceof ApiError) return error;
    this.#credentials.doubt();
    if (!isAborted(error)) this.#pools.leave(pools);
    return new NetworkError(`no answer from the API server: ${causeOf(error)}${requestWords(query)}`, {
      cause: error,
    });
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
      message: `${message}${requestWords(query)}`,
      account: query.as,
      retryAfterSeconds: Math.min(Math.max(Number(headers["retry-after"]) || 1, 1), MAX_RETRY_AFTER),
    });
  }
}

/** Whether a request was ended from this side. */
function isAborted(error: unknown): boolean {
  return error instanceof Error && error.name === "AbortError";
}

function causeOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function parseReply(text: string): Json | undefined {
  try {
    return parseJson(text);
  } catch {
    return undefined;
  }
}
