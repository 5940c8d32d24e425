import type { Tracked } from "../state/lock";
import { doubt } from "../state/tracked";

/** How many bytes of live objects may wait for their look, as JSON. */
const BYTES = 16 * 1024 * 1024;

/** A state of an object that waits for its look. */
interface Held {
  readonly tracked: WeakRef<Tracked>;
  readonly resourceVersion: string | undefined;
  readonly bytes: number;
}

/** Bounds what live objects weigh that wait for their look: it lets go of the oldest, which are read when it is their turn. */
export class HeldObjects {
  readonly #most: number;
  /** From the oldest to the newest; some have had their look. */
  readonly #held = new Set<Held>();
  #bytes = 0;

  constructor(most = BYTES) {
    this.#most = most;
  }

  /** Notes what was seen of an object, and how many bytes it has. */
  note(tracked: Tracked, bytes: number): void {
    this.#held.add({ tracked: new WeakRef(tracked), resourceVersion: tracked.resourceVersion, bytes });
    this.#bytes += bytes;
    for (const oldest of this.#held) {
      if (this.#bytes <= this.#most) return;
      this.#letGo(oldest);
    }
  }

  #letGo(held: Held): void {
    this.#held.delete(held);
    this.#bytes -= held.bytes;
    const tracked = held.tracked.deref();
    if (tracked?.observed.as === "live" && tracked.resourceVersion === held.resourceVersion) doubt(tracked);
  }
}
