import { Agent, ProxyAgent, type Dispatcher } from "undici";
import type { Login } from "./credentials";
import { TooLateError } from "./errors";
import { observed } from "./observed";
import { tallied, type Tally } from "./tally";

/**
 * After how many milliseconds of silence the kernel asks the other side for a sign of life. It asks every second, and
 * gives a connection up after ten questions without an answer. Source: libuv, uv__tcp_keepalive.
 */
const KEEP_ALIVE = 5_000;

/** The connections to one API server, under one login: kept alive, in pools that can't take each other's connections. */
export class Pools {
  readonly login: Login;
  /** For single requests. */
  readonly requests: Dispatcher;
  /** For what sources follow: each has one request at a time, whose answer may never end. */
  readonly watches: Dispatcher;
  readonly #ending = new AbortController();

  /**
   * @param connections how many there may be for single requests
   * @param tally counts the answers
   */
  constructor(login: Login, connections: number, tally?: Tally) {
    this.login = login;
    const counted = (pool: Dispatcher) => (tally ? tallied(pool, tally) : pool);
    this.requests = counted(poolOf(login, connections));
    this.watches = counted(poolOf(login, null));
  }

  /** Whether another login needs other connections. */
  fit({ tls, server, proxy }: Login): boolean {
    return this.login.tls === tls && this.login.server === server && this.login.proxy === proxy;
  }

  /** Closes each connection as soon as its request is answered. */
  async close(): Promise<void> {
    await Promise.all([this.requests.close(), this.watches.close()]);
  }

  /** Aborted when all is closed: an agent that closes no longer knows its connections. */
  get ending(): AbortSignal {
    return this.#ending.signal;
  }

  /** Closes every connection. Requests under way fail. */
  async destroy(why: Error = new Error("the connection was closed")): Promise<void> {
    this.#ending.abort(why);
    await Promise.all([this.requests.destroy(why), this.watches.destroy(why)]);
  }
}

function poolOf({ tls, proxy }: Login, connections: number | null): Dispatcher {
  const connect = { ...tls, keepAliveInitialDelay: KEEP_ALIVE };
  const options = { connections, keepAliveTimeout: 60_000 };
  if (proxy === undefined) return new Agent({ ...options, connect });
  return new ProxyAgent({ ...options, uri: proxy, requestTls: connect });
}

/** A dispatcher that withholds a request whose turn comes too late: undici notifies a handler just before it writes a request. */
export function punctual(requests: Dispatcher, notAfter: number | undefined): Dispatcher {
  if (notAfter === undefined) return requests;
  return observed(requests, () => ({
    started: controller => {
      if (performance.now() > notAfter)
        controller.abort(new TooLateError("the check before this write is too old"));
    },
  }));
}
