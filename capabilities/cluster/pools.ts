import { Agent, ProxyAgent, type Dispatcher } from "undici";
import type { Login } from "./credentials";
import { Exchange, type Question } from "./exchange";

/**
 * After how many milliseconds of silence the kernel asks the other side for a sign of life. It asks every second, and
 * gives a connection up after ten questions without an answer. Source: libuv, uv__tcp_keepalive.
 */
const KEEP_ALIVE = 5_000;

/** Which connections a request takes: those for single requests, or those for what sources follow, whose answers may never end. */
export type Pool = "requests" | "watches";

/** The connections to one API server, under one login: kept alive, in pools that can't take each other's connections. */
export class Pools {
  readonly login: Login;
  readonly #origin: string;
  readonly #path: string;
  readonly #pools: Readonly<Record<Pool, Dispatcher>>;
  /** What is under way: an agent that closes no longer knows its connections. */
  readonly #open = new Set<Pick<Exchange<unknown>, "abort">>();

  /** @param connections how many there may be for single requests */
  constructor(login: Login, connections: number) {
    const { origin, pathname } = new URL(login.server);
    this.login = login;
    this.#origin = origin;
    this.#path = pathname === "/" ? "" : pathname;
    this.#pools = { requests: poolOf(login, connections), watches: poolOf(login, null) };
  }

  /**
   * Sends a request, and waits for its answer.
   *
   * @param signal ends the request
   * @returns what its body is made into @throws what Exchange.answer says
   */
  async ask<T>(pool: Pool, question: Question<T>, signal?: AbortSignal): Promise<T> {
    const exchange = new Exchange(question);
    const abort = (): void => {
      exchange.abort(signal?.reason as Error);
    };
    this.#open.add(exchange);
    signal?.addEventListener("abort", abort);
    try {
      if (signal?.aborted === true) abort();
      else this.#pools[pool].dispatch(question.options, exchange);
      return await exchange.answer;
    } finally {
      signal?.removeEventListener("abort", abort);
      this.#open.delete(exchange);
    }
  }

  /** Where a request to a path of the API server goes, as undici takes it. */
  addressOf(path: string): Pick<Dispatcher.DispatchOptions, "origin" | "path"> {
    return { origin: this.#origin, path: this.#path + path };
  }

  /** Whether another login needs other connections. */
  fit({ tls, server, proxy }: Login): boolean {
    return this.login.tls === tls && this.login.server === server && this.login.proxy === proxy;
  }

  /** Closes each connection as soon as its request is answered. */
  async close(): Promise<void> {
    await Promise.all([this.#pools.requests.close(), this.#pools.watches.close()]);
  }

  /** Closes every connection. Requests under way fail. */
  async destroy(why: Error = new Error("the connection was closed")): Promise<void> {
    for (const exchange of this.#open) exchange.abort(why);
    await Promise.all([this.#pools.requests.destroy(why), this.#pools.watches.destroy(why)]);
  }
}

function poolOf({ tls, proxy }: Login, connections: number | null): Dispatcher {
  const connect = { ...tls, keepAliveInitialDelay: KEEP_ALIVE };
  const options = { connections, keepAliveTimeout: 60_000 };
  if (proxy === undefined) return new Agent({ ...options, connect });
  return new ProxyAgent({ ...options, uri: proxy, requestTls: connect });
}
