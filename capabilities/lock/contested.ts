import { releaseKey, type ReleaseRef } from "../release/release";
import type { Tracked } from "./store";

/** Tracked objects that carry another release's name: whose they are may change whenever that release's record does. */
export class Contested {
  readonly #byRival = new Map<string, Set<Tracked>>();

  /** Notes that an object carries a rival's name. */
  add(rival: ReleaseRef, tracked: Tracked): void {
    const key = releaseKey(rival);
    this.#byRival.set(key, (this.#byRival.get(key) ?? new Set()).add(tracked));
  }

  /** Takes out every object that carries a rival's name. */
  take(rival: ReleaseRef): Iterable<Tracked> {
    const key = releaseKey(rival);
    const contested = this.#byRival.get(key) ?? [];
    this.#byRival.delete(key);
    return contested;
  }
}
