import type { KubeClient } from "../cluster/client";
import { collectionPath, type Resource } from "../cluster/resources";
import { presenceKey, Watch } from "../cluster/watch";
import { isObject, type KubeObject } from "../release/object";
import { MANAGED_BY_HELM, MANAGED_BY_LABEL } from "../release/ownership";
import { see, type Lock, type Store, type Tracked } from "./store";

/** Shows just what Helm manages; an object that loses the label shows up as deleted. */
const HELM_OBJECTS = `${MANAGED_BY_LABEL}=${MANAGED_BY_HELM}`;

/** Told of what the watches see. None of these may wait. */
export interface WatchesEvents {
  /** Something new is known of a tracked object. */
  observed(tracked: Tracked): void;
  /** Every kind of this lock has been listed, or can't be: its objects may be looked at. */
  settled(lock: Lock): void;
  /** A kind can't be watched right now; it is tried again. */
  failed(resource: Resource, error: unknown): void;
  /** A kind was listed. */
  listed(resource: Resource): void;
}

interface Open {
  readonly resource: Resource;
  readonly namespace: string | undefined;
  readonly watch: Watch;
  /** Its first list is complete, or its first attempt has failed. */
  tried: boolean;
}

/** One watch for each kind that a lock tracks: opened with the first lock that needs it, closed with the last. */
export class Watches {
  readonly #client: KubeClient;
  readonly #store: Store;
  readonly #events: WatchesEvents;
  readonly #open = new Map<string, Open>();

  constructor(client: KubeClient, store: Store, events: WatchesEvents) {
    this.#client = client;
    this.#store = store;
    this.#events = events;
  }

  /** Opens and closes watches until they fit what the store tracks. One namespace is watched alone while it is the only one. */
  sync(): void {
    const needed = this.#needed();
    for (const [key, open] of this.#open) {
      const scope = needed.get(key);
      if (scope && scope.namespace === open.namespace) continue;
      open.watch.stop();
      this.#open.delete(key);
    }
    for (const [key, scope] of needed) if (!this.#open.has(key)) this.#start(key, scope);
  }

  /** Whether every kind of a lock has been listed, or was found impossible to list. */
  isSettled(lock: Lock): boolean {
    for (const collection of lock.collections) if (this.#open.get(collection)?.tried !== true) return false;
    return true;
  }

  /** Closes every watch. */
  stop(): void {
    for (const { watch } of this.#open.values()) watch.stop();
    this.#open.clear();
  }

  #needed(): Map<string, { resource: Resource; namespace: string | undefined }> {
    const needed = new Map<string, { resource: Resource; namespace: string | undefined }>();
    for (const lock of this.#store.locks()) {
      for (const { resource, desired } of lock.objects.values()) {
        const key = collectionPath(resource);
        const namespace = namespaceOf(desired);
        const known = needed.get(key);
        if (!known) needed.set(key, { resource, namespace });
        else if (known.namespace !== namespace) known.namespace = undefined;
      }
    }
    return needed;
  }

  #start(key: string, scope: { resource: Resource; namespace: string | undefined }): void {
    const { resource } = scope;
    const watch = new Watch(
      this.#client,
      { ...scope, labelSelector: HELM_OBJECTS },
      {
        changed: object => {
          this.#changed(resource, object);
        },
        deleted: object => {
          this.#deleted(resource, object);
        },
        listed: present => {
          this.#absent(resource, present);
          this.#events.listed(resource);
          this.#settle(open);
        },
        failed: error => {
          this.#events.failed(resource, error);
          this.#settle(open);
        },
      },
    );
    const open: Open = { ...scope, watch, tried: false };
    this.#open.set(key, open);
    watch.start();
  }

  #changed(resource: Resource, object: KubeObject): void {
    for (const tracked of this.#store.trackers(resource, object))
      if (see(tracked, object)) this.#events.observed(tracked);
  }

  #deleted(resource: Resource, object: KubeObject): void {
    for (const tracked of this.#store.trackers(resource, object)) {
      if (!see(tracked, object)) continue;
      tracked.observed = { as: "absent", at: performance.now(), wasRead: false };
      this.#events.observed(tracked);
    }
  }

  #absent(resource: Resource, present: ReadonlySet<string>): void {
    for (const tracked of this.#trackedOf(resource)) {
      if (present.has(presenceKey(tracked.desired.metadata.namespace, tracked.desired.metadata.name)))
        continue;
      tracked.observed = { as: "absent", at: performance.now(), wasRead: false };
      this.#events.observed(tracked);
    }
  }

  #settle(open: Open): void {
    if (open.tried) return;
    open.tried = true;
    const locks = new Set(this.#trackedOf(open.resource).map(({ lock }) => lock));
    for (const lock of locks) if (this.isSettled(lock)) this.#events.settled(lock);
  }

  #trackedOf(resource: Resource): Tracked[] {
    const key = collectionPath(resource);
    return [...this.#store.locks()].flatMap(lock =>
      [...lock.objects.values()].filter(tracked => collectionPath(tracked.resource) === key),
    );
  }
}

function namespaceOf(object: KubeObject): string | undefined {
  return isObject(object.metadata) && typeof object.metadata.namespace === "string"
    ? object.metadata.namespace
    : undefined;
}
