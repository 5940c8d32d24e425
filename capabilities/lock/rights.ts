import { isDeepStrictEqual } from "node:util";
import type { Access } from "../cluster/access";
import { collectionPath, refOf, type Kind } from "../kube/kinds";
import type { Reporter } from "../report/reporter";
import type { Lock, Tracked } from "../state/lock";
import type { Unwritable } from "../state/problems";
import { toLookAt } from "../state/requests";
import type { Store } from "../state/store";
import type { Controller, Request, Result } from "../work/controller";
import type { Queue } from "../work/queue";
import { untilSomebodyActs } from "../work/retry";

/** Whom it asks, and where it notes and tells the answers. */
interface Parts {
  readonly access: Access;
  readonly store: Store;
  readonly queue: Queue;
  readonly reporter: Reporter;
}

/** Finds out what of a lock the locker may not write, and keeps asking while there is something. */
export class RightsController implements Controller {
  readonly #access: Access;
  readonly #store: Store;
  readonly #queue: Queue;
  readonly #reporter: Reporter;

  constructor({ access, store, queue, reporter }: Parts) {
    this.#access = access;
    this.#store = store;
    this.#queue = queue;
    this.#reporter = reporter;
  }

  async reconcile({ name }: Request, attempt: number): Promise<Result> {
    const lock = this.#store.lockOf(name);
    if (lock?.phase?.stance !== "lock") return undefined;
    const unwritable = await this.#unwritable(lock.objects.values());
    if (!isDeepStrictEqual(lock.unwritable, unwritable)) {
      const granted = [...lock.unwritable.keys()].filter(collection => !unwritable.has(collection));
      this.#store.lacks(lock, unwritable);
      if (granted.length > 0) this.#endBackOffs(lock, new Set(granted));
      this.#reporter.statusOf(lock);
    }
    return unwritable.size > 0 ? { retryAfter: untilSomebodyActs(attempt) } : undefined;
  }

  failed({ name }: Request, error: unknown): void {
    this.#reporter.troubled("rights", `can't ask what of release ${name} may be written`, error);
  }

  /** What was refused for a missing right may succeed now. */
  #endBackOffs({ objects }: Lock, collections: ReadonlySet<string>): void {
    for (const tracked of objects.values())
      if (tracked.problem?.is === "failed" && collections.has(collectionPath(tracked.kind)))
        this.#queue.retryNow(toLookAt(tracked));
  }

  /** Does not ask for the right to grant rights, which depends on what is granted. */
  async #unwritable(objects: Iterable<Tracked>): Promise<Map<string, Unwritable>> {
    const found = new Map<string, Unwritable>();
    for (const [collection, { kind, namespaces }] of byCollection(objects)) {
      const denied: (string | undefined)[] = [];
      for (const namespace of namespaces)
        if (!(await this.#access.mayWrite(kind, namespace))) denied.push(namespace);
      if (denied.length > 0) found.set(collection, { kind, namespaces: denied });
    }
    return found;
  }
}

function byCollection(objects: Iterable<Tracked>) {
  const found = new Map<string, { kind: Kind; namespaces: Set<string | undefined> }>();
  for (const { kind, desired } of objects) {
    const collection = collectionPath(kind);
    const { namespace } = refOf(desired);
    const known = found.get(collection);
    if (known) known.namespaces.add(namespace);
    else found.set(collection, { kind, namespaces: new Set([namespace]) });
  }
  return found;
}
