import { NotFoundError } from "../cluster/errors";
import type { KindActions } from "../cluster/k8s";
import type { Watch } from "../cluster/watch";
import { collectionPath, definitionOf, presenceKey, refOf, type Kind } from "../kube/kinds";
import type { KubeObject } from "../kube/object";
import { isOlder, newestOf, stateOf } from "../kube/version";
import type { Reporter } from "../report/reporter";
import type { Tracked } from "../state/lock";
import { toFindKinds, toLookAt, toLookAtAll, toRemember } from "../state/requests";
import type { Store } from "../state/store";
import { doubt, miss, see, setBack } from "../state/tracked";
import { trackedKind } from "../state/watched";
import type { Queue } from "../work/queue";
import type { Followed } from "./followed";
import type { HeldObjects } from "./held-objects";
import type { Sight } from "./sight";

/** How kinds are followed, and where their events go. */
interface Parts {
  /** What to watch of a kind. */
  readonly watched: (kind: Kind) => KindActions;
  readonly store: Store;
  readonly queue: Queue;
  readonly reporter: Reporter;
  readonly sight: Sight;
  readonly held: HeldObjects;
  /** Called when a kind has been listed for the first time, or was found impossible to list. */
  readonly listed: () => void;
}

interface Scope {
  readonly kind: Kind;
  /** The only namespace that has tracked objects; undefined if there are several, or none. */
  namespace: string | undefined;
}

/** Follows every kind that locks track: one watch per kind, opened with the first lock that needs it, closed with the last. */
export class TrackedObjects {
  readonly #parts: Parts;
  readonly #open = new Map<string, Scope & { readonly watch: Watch }>();
  #fitted = 0;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /**
   * Opens and closes watches until they match what the store tracks. If tracked objects are in only one namespace,
   * watches only that namespace.
   */
  fit(): void {
    const { store } = this.#parts;
    if (this.#fitted === store.version) return;
    this.#fitted = store.version;
    const needed = this.#needed();
    for (const [collection, open] of this.#open) {
      const scope = needed.get(collection);
      if (!scope || scope.namespace !== open.namespace) this.#close(collection, open);
    }
    for (const [collection, scope] of needed) if (!this.#open.has(collection)) this.#start(collection, scope);
  }

  /** What the watches follow now, by kind. */
  *followed(): Generator<Followed> {
    const { store, watched } = this.#parts;
    for (const [collection, { kind, namespace, watch }] of [...this.#open]) {
      if (store.watching(collection)?.is !== "listed") continue;
      yield {
        watch,
        listed: watched(kind).InNamespace(namespace).MetadataOnly(),
        newest: () => newestOf(store.trackedIn(collection).map(({ resourceVersion }) => resourceVersion)),
        concerns: object => [...store.trackers(kind, object)].length > 0,
        isNews: object =>
          [...store.trackers(kind, object)].some(({ resourceVersion = "" }) =>
            isOlder(resourceVersion, stateOf(object).resourceVersion),
          ),
        isMissing: (present, version) =>
          store
            .trackedIn(collection)
            .some(
              ({ whereabouts, resourceVersion = "", desired: { metadata } }) =>
                whereabouts === "labelled" &&
                !isOlder(version, resourceVersion) &&
                !present.has(presenceKey(metadata.namespace, metadata.name)),
            ),
      };
    }
  }

  /** Closes every watch. */
  stop(): void {
    for (const [collection, open] of this.#open) this.#close(collection, open);
  }

  #needed(): Map<string, Scope> {
    const needed = new Map<string, Scope>();
    for (const lock of this.#parts.store.locks()) {
      for (const { kind, desired } of lock.objects.values()) {
        const { namespace } = refOf(desired);
        const known = needed.get(collectionPath(kind));
        if (!known) needed.set(collectionPath(kind), { kind, namespace });
        else if (known.namespace !== namespace) known.namespace = undefined;
      }
    }
    return needed;
  }

  #start(collection: string, scope: Scope): void {
    const { watched, store, queue, sight } = this.#parts;
    const { kind, namespace } = scope;
    let tracking = store.version;
    const sees = trackedKind(kind);
    const watch = watched(kind)
      .InNamespace(namespace)
      .Watch({
        listing: () => {
          tracking = store.version;
        },
        changed: (object, bytes) => this.#changed(kind, object, bytes),
        deleted: object => {
          this.#deleted(kind, object);
        },
        listed: present => {
          this.#absent(collection, present, tracking === store.version);
          if (!this.#isOpening(collection)) return;
          store.watch(collection, { is: "listed" });
          this.#opened(collection);
        },
        setBack: () => {
          for (const tracked of store.trackedIn(collection)) setBack(tracked);
        },
        resumed: () => {
          sight.works(sees);
          if (definitionOf(kind)) queue.add(toFindKinds(kind.apiVersion));
        },
        failed: error => {
          const isFirst = this.#isOpening(collection);
          if (error instanceof NotFoundError) queue.add(toFindKinds(kind.apiVersion));
          sight.failed(sees, error);
          if (isFirst) this.#opened(collection);
        },
      });
    this.#open.set(collection, { ...scope, watch });
    store.watch(collection, { is: "opening" });
    sight.add(sees, watch);
    watch.start();
  }

  #close(collection: string, { watch, kind }: Scope & { readonly watch: Watch }): void {
    watch.stop();
    this.#open.delete(collection);
    this.#parts.sight.remove(trackedKind(kind));
  }

  #isOpening(collection: string): boolean {
    return this.#parts.store.watching(collection)?.is === "opening";
  }

  /** @returns whether anybody tracks it */
  #changed(kind: Kind, object: KubeObject, bytes: number): boolean {
    let isTracked = false;
    for (const tracked of this.#parts.store.trackers(kind, object)) {
      isTracked = true;
      if (!see(tracked, object)) continue;
      this.#parts.held.note(tracked, bytes);
      this.#lookAt(tracked);
    }
    return isTracked;
  }

  #deleted(kind: Kind, object: KubeObject): void {
    for (const tracked of this.#parts.store.trackers(kind, object))
      if (see(tracked, object)) this.#missed(tracked, "deleted");
  }

  /** @param isSure false if objects came to be tracked after the list had begun, which may have shown them before */
  #absent(collection: string, present: ReadonlySet<string>, isSure: boolean): void {
    for (const tracked of this.#parts.store.trackedIn(collection)) {
      const { namespace, name } = tracked.desired.metadata;
      if (present.has(presenceKey(namespace, name))) continue;
      if (isSure) this.#missed(tracked, "not listed");
      else {
        doubt(tracked);
        this.#lookAt(tracked);
      }
    }
  }

  #missed(tracked: Tracked, how: "deleted" | "not listed"): void {
    miss(tracked, how);
    this.#lookAt(tracked);
  }

  /** Looks at no object of a lock until all its kinds are listed, so that a full pass goes in Helm's install order. */
  #lookAt(tracked: Tracked): void {
    if (this.#parts.store.isDue(tracked.lock)) this.#parts.queue.add(toLookAt(tracked));
  }

  /** Its objects are listed, or can't be. When that is the last kind that a lock waited for, looks at all objects of the lock. */
  #opened(collection: string): void {
    const { store, queue, reporter, listed } = this.#parts;
    for (const lock of store.locks()) {
      if (!lock.collections.has(collection)) continue;
      reporter.statusOf(lock);
      if (!store.isSettled(lock)) continue;
      for (const request of toLookAtAll(lock)) queue.add({ ...request, canWait: true });
      for (const name of lock.helmReleases.keys()) queue.add(toRemember(name));
    }
    listed();
  }
}
