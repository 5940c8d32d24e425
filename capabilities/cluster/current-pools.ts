import type { Login } from "./credentials";
import { NetworkError } from "./errors";
import type { Pools } from "./pools";

/** The pools that requests take now, and earlier ones with requests that have not ended. */
export class CurrentPools {
  readonly #make: (login: Login) => Pools;
  #current: Pools | undefined;
  readonly #former = new Set<Pools>();
  #isClosed = false;

  /** @param make makes those for a login */
  constructor(make: (login: Login) => Pools) {
    this.#make = make;
  }

  /** Those for a login. @throws NetworkError once they are closed for good */
  of(login: Login): Pools {
    if (this.#isClosed) throw new NetworkError("the connection to the API server was closed");
    if (this.#current?.fit(login) === false) this.leave(this.#current);
    return (this.#current ??= this.#make(login));
  }

  /** Has later requests take other connections than these pools'; what is under way goes on. */
  leave(pools: Pools): void {
    if (this.#current !== pools || this.#isClosed) return;
    this.#current = undefined;
    this.#former.add(pools);
    const forget = () => void this.#former.delete(pools);
    pools.close().then(forget, forget);
  }

  /** Has every request fail that is under way, and later ones take other connections. */
  giveUp(why: Error): void {
    const pools = this.#all();
    this.#current = undefined;
    for (const each of pools) void each.destroy(why);
  }

  /** Closes every connection for good. Requests under way fail, and so do later ones. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all(this.#all().map(pools => pools.destroy()));
  }

  #all(): Pools[] {
    return [...this.#former, ...(this.#current ? [this.#current] : [])];
  }
}
