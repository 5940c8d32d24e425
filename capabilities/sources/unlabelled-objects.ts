import type { KindActions } from "../cluster/k8s";
import type { Watch } from "../cluster/watch";
import { objectPath, refOf, type Kind, type ObjectRef } from "../kube/kinds";
import type { KubeObject } from "../kube/object";
import { releaseKey } from "../release/release";
import type { Tracked } from "../state/lock";
import { toLookAt } from "../state/requests";
import type { Store } from "../state/store";
import { doubt, miss, see } from "../state/tracked";
import type { Watched } from "../state/watched";
import type { Queue } from "../work/queue";
import type { HeldObjects } from "./held-objects";
import type { Sight } from "./sight";

/** How many are watched at most; the resync looks at what is beyond. */
const MOST = 100;

/** How single objects are followed, and where their events go. */
interface Parts {
  /** What to watch of one object. */
  readonly single: (kind: Kind, ref: ObjectRef) => KindActions;
  readonly store: Store;
  readonly queue: Queue;
  readonly sight: Sight;
  readonly held: HeldObjects;
}

/** Follows, by their names, tracked objects that are left without Helm's label: the watches of their kinds do not show them. */
export class UnlabelledObjects {
  readonly #parts: Parts;
  readonly #open = new Map<Tracked, Watch>();
  #fitted = 0;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Follows an object that is left as it is, if it has no label. */
  follow(tracked: Tracked): void {
    const isFull = this.#open.size >= MOST;
    if (tracked.whereabouts !== "unlabelled" || isFull || this.#open.has(tracked)) return;
    const watch = this.#watchOf(tracked);
    this.#open.set(tracked, watch);
    this.#parts.sight.add(singleObject(tracked), watch);
    watch.start();
  }

  /** Ends the watches of what is no longer tracked. */
  fit(): void {
    const { store } = this.#parts;
    if (this.#fitted === store.version) return;
    this.#fitted = store.version;
    for (const tracked of this.#open.keys()) if (!store.holds(tracked)) this.#close(tracked);
  }

  /** All of them: not all are watched. */
  all(): Tracked[] {
    return [...this.#parts.store.locks()]
      .flatMap(({ objects }) => [...objects.values()])
      .filter(({ whereabouts }) => whereabouts === "unlabelled");
  }

  /** Has one read again. */
  lookAgain(tracked: Tracked): void {
    if (tracked.observed.as !== "right") return;
    doubt(tracked);
    this.#lookAt(tracked);
  }

  /** Closes every watch. */
  stop(): void {
    for (const tracked of this.#open.keys()) this.#close(tracked);
  }

  #watchOf(tracked: Tracked): Watch {
    const { single, sight } = this.#parts;
    const sees = singleObject(tracked);
    const { kind, desired } = tracked;
    const gone = (how: "deleted" | "not listed") => {
      miss(tracked, how);
      this.#lookAt(tracked);
    };
    return single(kind, refOf(desired)).Watch({
      changed: (object, bytes) => {
        this.#changed(tracked, object, bytes);
        return true;
      },
      deleted: object => {
        if (see(tracked, object)) gone("deleted");
      },
      listed: present => {
        if (present.size === 0 && tracked.whereabouts === "unlabelled") gone("not listed");
      },
      failed: error => {
        sight.failed(sees, error);
      },
      resumed: () => {
        sight.works(sees);
      },
    });
  }

  /** What has the label is shown by the watch of its kind. */
  #changed(tracked: Tracked, object: KubeObject, bytes: number): void {
    if (see(tracked, object)) {
      this.#parts.held.note(tracked, bytes);
      this.#lookAt(tracked);
    }
    if (tracked.whereabouts === "labelled") this.#close(tracked);
  }

  #lookAt(tracked: Tracked): void {
    const { store, queue } = this.#parts;
    if (store.holds(tracked) && store.isDue(tracked.lock)) queue.add(toLookAt(tracked));
  }

  #close(tracked: Tracked): void {
    const watch = this.#open.get(tracked);
    if (!watch) return;
    watch.stop();
    this.#open.delete(tracked);
    this.#parts.sight.remove(singleObject(tracked));
  }
}

/** Two locks may track the same object: each has its own watch of it. */
function singleObject({ kind, desired, lock }: Tracked): Watched {
  return {
    key: `${objectPath(kind, refOf(desired))} for ${releaseKey(lock.release)}`,
    kind,
    role: "tracked",
  };
}
