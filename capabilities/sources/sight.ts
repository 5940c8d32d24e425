import type { Watch } from "../cluster/watch";
import type { Kind } from "../kube/kinds";
import { unwatchedWords } from "../report/problem-words";
import type { Reporter } from "../report/reporter";
import type { Lock } from "../state/lock";
import { toAskForRights, toLoad, toLookAt, toRemember, toWriteStatus } from "../state/requests";
import type { Store } from "../state/store";
import type { Watched } from "../state/watched";
import type { Queue } from "../work/queue";

/** How long a watch has to fail, in milliseconds, until that is told: most go on at once. */
const GRACE = 2_000;

/** Milliseconds until the other watches try, too, and between two such rounds. */
const RING = { after: 100, between: 1_000 };

/** Where it is noted and told. */
interface Parts {
  readonly store: Store;
  readonly queue: Pick<Queue, "retryNow">;
  readonly reporter: Pick<Reporter, "blind" | "sees" | "restarted" | "statusOf">;
}

/** A watch, as metrics show it. */
interface WatchedKind {
  readonly kind: Kind;
  readonly sees: boolean;
}

/** Something that is not seen now. */
interface BlindSpot {
  error: unknown;
  /** What was told of it; undefined if nothing yet. */
  told: string | undefined;
  timer: NodeJS.Timeout | undefined;
}

/**
 * Knows what the watches don't see. It is noted and told once when that has lasted for a while, and once when it is over:
 * what has failed meanwhile, for the same reason, is then tried again at once.
 */
export class Sight {
  readonly #parts: Parts;
  readonly #watches = new Map<string, { readonly kind: Kind; readonly watch: Pick<Watch, "ring"> }>();
  readonly #blind = new Map<string, BlindSpot>();
  #ringing: NodeJS.Timeout | undefined;
  #rangAt = -Infinity;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Notes a watch: it is rung when another one works again. */
  add({ key, kind }: Watched, watch: Pick<Watch, "ring">): void {
    this.#watches.set(key, { kind, watch });
  }

  /** The kind of each watch, and whether that sees what happens. */
  *watched(): Iterable<WatchedKind> {
    for (const [key, { kind }] of this.#watches) {
      const watching = this.#parts.store.watching(key);
      // Of a watch that every lock depends on, nothing is noted until it fails.
      yield { kind, sees: watching === undefined || watching.is === "listed" };
    }
  }

  /** Forgets a watch. */
  remove({ key }: Watched): void {
    this.#watches.delete(key);
    this.#end(key);
    this.#parts.store.watch(key, undefined);
  }

  /** An attempt of a watch failed. The first of its kind is told at once: locks wait for it. */
  failed(watched: Watched, error: unknown): void {
    const { key } = watched;
    const isOpening = this.#parts.store.watching(key)?.is === "opening";
    const spot: BlindSpot = this.#blind.get(key) ?? { error, told: undefined, timer: undefined };
    this.#blind.set(key, spot);
    spot.error = error;
    if (isOpening) this.#tell(watched, spot);
    else if (unwatchedWords(watched, error) !== spot.told)
      spot.timer ??= setTimeout(() => {
        this.#tell(watched, spot);
      }, GRACE);
  }

  /** A watch sees again. */
  works(watched: Watched): void {
    this.#parts.reporter.restarted(watched);
    const spot = this.#end(watched.key);
    if (!spot) return;
    this.#ring();
    if (spot.told === undefined) return;
    const { store, reporter } = this.#parts;
    store.watch(watched.key, { is: "listed" });
    reporter.sees(watched);
    for (const lock of this.#dependents(watched)) {
      reporter.statusOf(lock);
      this.#retry(lock);
    }
  }

  /** Nothing is told any more. */
  stop(): void {
    clearTimeout(this.#ringing);
    for (const key of this.#blind.keys()) this.#end(key);
  }

  #end(key: string): BlindSpot | undefined {
    const spot = this.#blind.get(key);
    clearTimeout(spot?.timer);
    this.#blind.delete(key);
    return spot;
  }

  #tell(watched: Watched, spot: BlindSpot): void {
    const { store, reporter } = this.#parts;
    const { error } = spot;
    clearTimeout(spot.timer);
    spot.timer = undefined;
    const words = unwatchedWords(watched, error);
    if (words === spot.told) return;
    spot.told = words;
    store.watch(watched.key, { is: "failed", watched, error });
    reporter.blind(watched, error);
    for (const lock of this.#dependents(watched)) reporter.statusOf(lock);
  }

  #dependents({ key, role }: Watched): Lock[] {
    const locks = [...this.#parts.store.locks()];
    if (role === "of policies") return [];
    return role === "tracked" ? locks.filter(({ collections }) => collections.has(key)) : locks;
  }

  /** Ends the back-off of what has failed: the API server was away, or refused everything for a while. */
  #retry(lock: Lock): void {
    const { queue } = this.#parts;
    queue.retryNow(toLoad(lock.release));
    queue.retryNow(toAskForRights(lock.release));
    for (const name of lock.helmReleases.keys()) {
      queue.retryNow(toRemember(name));
      queue.retryNow(toWriteStatus(name));
    }
    for (const tracked of lock.objects.values())
      if (tracked.problem?.is === "failed") queue.retryNow(toLookAt(tracked));
  }

  #ring(): void {
    const wait = Math.max(RING.after, this.#rangAt + RING.between - performance.now());
    this.#ringing ??= setTimeout(() => {
      this.#ringing = undefined;
      this.#rangAt = performance.now();
      for (const { watch } of this.#watches.values()) watch.ring();
    }, wait);
  }
}
