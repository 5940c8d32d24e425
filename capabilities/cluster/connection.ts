import * as z from "zod";
import type { Json } from "../kube/object";
import type { Credentials, Login } from "./credentials";
import { ApiError, apiError, NetworkError, TooLateError } from "./errors";
import { Text, type Body, type Head, type Question } from "./exchange";
import { parseJson, writeJson } from "./json";
import { Lane } from "./lane";
import { headersFor, requestWords, type KubeRequest } from "./kube-request";
import { Lines } from "./lines";
import { ListReader, type OnItem } from "./list-reader";
import { CurrentPools } from "./current-pools";
import { Pools, type Pool } from "./pools";
import { Tally } from "./tally";

/** Lists of sources under way, and after how many milliseconds one without an answer makes way for the next. */
const LISTS = 8;
const LIST_PATIENCE = 250;

/** Connections for everything but lists and watches: for all that may run at once where much hangs, and a few. */
const CONNECTIONS = 64;

/** After how many milliseconds a request counts as unanswered, and an answer that has begun as broken off. */
const PATIENCE = { headersTimeout: 30_000, bodyTimeout: 30_000 };

/** How Kubernetes calls what a method does. */
const VERBS = { GET: "get", POST: "create", PATCH: "patch", DELETE: "delete" } as const;

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

/** How something is asked, and what is done with the answer. */
interface Way<T> extends Pick<Question<T>, "verb" | "bodyOf"> {
  readonly pool?: Pool;
  readonly patience?: typeof PATIENCE;
  readonly signal?: AbortSignal;
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
  readonly #tally: Tally;
  /** Whether the last pulse was answered: a server that can't be reached is given up only once. */
  #isAlive = false;

  /**
   * @param connections how many there may be for single requests
   * @param tally counts the answers
   */
  constructor(credentials: Credentials, connections = CONNECTIONS, tally = new Tally()) {
    this.#credentials = credentials;
    this.#tally = tally;
    this.#pools = new CurrentPools(login => new Pools(login, connections));
  }

  /**
   * Sends one request and waits for its answer.
   *
   * @returns the parsed reply
   * @throws ApiError or a subclass for an unsuccessful reply, NetworkError if none came, TooLateError if `notAfter`
   * passed
   */
  send(query: KubeRequest): Promise<Json> {
    return this.#ask(query, { verb: VERBS[query.method], bodyOf: head => this.#reply(head, query) });
  }

  /** The same for what may not be there: undefined if it is not. */
  find(query: KubeRequest): Promise<Json | undefined> {
    const bodyOf = (head: Head): Body<Json | undefined> =>
      head.status === 404 ? new Text(() => undefined) : this.#reply(head, query);
    return this.#ask(query, { verb: VERBS[query.method], bodyOf });
  }

  /**
   * Asks for a list, of which it holds one item at a time.
   *
   * @param onItem called for each item as soon as it has arrived
   * @returns the list without its items
   * @throws what `send` throws; some items may have been passed on before
   */
  list(query: KubeRequest, onItem: OnItem, pool: Pool = "requests"): Promise<Json> {
    const bodyOf = (head: Head): Body<Json> =>
      head.status === 200 ? new ListReader(onItem) : this.#reply(head, query);
    return this.#ask(query, { verb: "list", pool, bodyOf });
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
    const bodyOf = (head: Head): Body<unknown> => {
      if (head.status !== 200) return this.#reply(head, query);
      if (query.pulse !== undefined) this.#isAlive = true;
      on.opened();
      return new Lines(line => {
        on.line(parseJson(line), line.length);
      });
    };
    // A pulse that is not answered at all is overdue first.
    const patience = { headersTimeout: OPEN_TIMEOUT + (query.pulse ?? 0), bodyTimeout: WATCH_SILENCE };
    await this.#ask(query, { verb: "watch", pool: "watches", bodyOf, patience, signal });
  }

  /** Closes every connection. Requests under way fail. */
  close(): Promise<void> {
    return this.#pools.close();
  }

  async #ask<T>(query: KubeRequest, { verb, pool = "requests", bodyOf, ...way }: Way<T>): Promise<T> {
    const { pools, login } = await this.#open();
    const overdue = this.#overdue(query);
    const options = {
      ...pools.addressOf(query.path),
      method: query.method,
      headers: { ...login.headers, ...headersFor(query) },
      body: query.body === undefined ? null : writeJson(query.body),
      ...(way.patience ?? PATIENCE),
    };
    const { notAfter } = query;
    try {
      return await pools.ask(pool, { options, notAfter, tally: this.#tally, verb, bodyOf }, way.signal);
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

  #reply(head: Head, query: KubeRequest): Body<Json> {
    return new Text(text => this.#read(head, text, query));
  }

  #read({ status, headers }: Head, text: string, query: KubeRequest): Json {
    const body = parseReply(text);
    if (status >= 200 && status < 300 && body !== undefined) return body;
    if (status === 401) this.#credentials.reject();
    const { message, reason } = statusReply.parse(
      typeof body === "object" && body !== null ? body : { message: text },
    );
    throw apiError(status, {
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
