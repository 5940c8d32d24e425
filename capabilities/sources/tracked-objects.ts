import { NotFoundError } from "../cluster/errors";
import type { KindActions } from "../cluster/k8s";
import type { Watch } from "../cluster/watch";
import { collectionPath, definitionOf, presenceKey, refOf, type Kind } from "../kube/kinds";
import type { KubeObject } from "../kube/object";
import type { Reporter } from "../report/reporter";
import type { Tracked } from "../state/lock";
import type { Watching } from "../state/problems";
import { toFindKinds, toLookAt, toLookAtAll } from "../state/requests";
import type { Store } from "../state/store";
import { miss, see, setBack } from "../state/tracked";
import type { Queue } from "../work/queue";

/** How kinds are followed, and where their events go. */
interface Parts {
  /** What to watch of a kind. */
  readonly watched: (kind: Kind) => KindActions;
  readonly store: Store;
  readonly queue: Queue;
  readonly reporter: Reporter;
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
      if (!scope || scope.namespace !== open.namespace) this.#close(collection, open.watch);
    }
    for (const [collection, scope] of needed) if (!this.#open.has(collection)) this.#start(collection, scope);
  }

  /** Closes every watch. */
  stop(): void {
    for (const [collection, { watch }] of this.#open) this.#close(collection, watch);
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
    const { watched, store, queue, reporter } = this.#parts;
    const { kind, namespace } = scope;
    const watch = watched(kind)
      .InNamespace(namespace)
      .Watch({
        changed: object => {
          this.#changed(kind, object);
        },
        deleted: object => {
          this.#deleted(kind, object);
        },
        listed: present => {
          this.#absent(collection, present);
          this.#note(collection, { is: "listed" });
        },
        setBack: () => {
          for (const tracked of store.trackedIn(collection)) setBack(tracked);
        },
        resumed: () => {
          if (store.watching(collection)?.is === "failed") this.#note(collection, { is: "listed" });
          if (definitionOf(kind)) queue.add(toFindKinds(kind.apiVersion));
        },
        failed: error => {
          if (error instanceof NotFoundError) queue.add(toFindKinds(kind.apiVersion));
          reporter.troubled("watch", `can't watch ${kind.kind} of ${kind.apiVersion}`, error, kind);
          this.#note(collection, { is: "failed", kind, error });
        },
      });
    this.#open.set(collection, { ...scope, watch });
    store.watch(collection, { is: "opening" });
    watch.start();
  }

  #close(collection: string, watch: Watch): void {
    watch.stop();
    this.#open.delete(collection);
    this.#parts.store.watch(collection, undefined);
  }

  #changed(kind: Kind, object: KubeObject): void {
    for (const tracked of this.#parts.store.trackers(kind, object))
      if (see(tracked, object)) this.#lookAt(tracked);
  }

  #deleted(kind: Kind, object: KubeObject): void {
    for (const tracked of this.#parts.store.trackers(kind, object))
      if (see(tracked, object)) this.#missed(tracked);
  }

  #absent(collection: string, present: ReadonlySet<string>): void {
    for (const tracked of this.#parts.store.trackedIn(collection)) {
      const { namespace, name } = tracked.desired.metadata;
      if (!present.has(presenceKey(namespace, name))) this.#missed(tracked);
    }
  }

  #missed(tracked: Tracked): void {
    miss(tracked, false);
    this.#lookAt(tracked);
  }

  /** Looks at no object of a lock until all its kinds are listed, so that a full pass goes in Helm's install order. */
  #lookAt(tracked: Tracked): void {
    if (this.#parts.store.isDue(tracked.lock)) this.#parts.queue.add(toLookAt(tracked));
  }

  /** Notes the state of a watch. When the last kind that a lock waited for is listed, looks at all objects of the lock. */
  #note(collection: string, watching: Watching): void {
    const { store, queue, reporter, listed } = this.#parts;
    const isFirst = store.watching(collection)?.is === "opening";
    store.watch(collection, watching);
    for (const lock of store.locks()) {
      if (!lock.collections.has(collection)) continue;
      reporter.statusOf(lock);
      if (isFirst && store.isSettled(lock)) for (const request of toLookAtAll(lock)) queue.add(request);
    }
    if (isFirst) listed();
  }
}
