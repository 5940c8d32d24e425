import { presenceKey } from "../kube/kinds";
import { isOlderState } from "../kube/version";

/** An object of a collection in which each has its own name. */
export interface Named {
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string | undefined;
    readonly uid?: string | undefined;
    readonly resourceVersion?: string | undefined;
  };
}

/** The objects of one collection, as one watch reports them. */
export class KnownObjects<T extends Named> {
  readonly #known = new Map<string, T>();
  #areListed = false;

  /** Whether those that existed at startup have been listed. */
  get areListed(): boolean {
    return this.#areListed;
  }

  /** An object in its last noted state. */
  get(name: string): T | undefined {
    return this.#known.get(name);
  }

  /** Every object in its last noted state. */
  all(): Iterable<T> {
    return this.#known.values();
  }

  /** Notes an object from the watch. A state older than the reply to one of our writes is no news. */
  note(object: T): void {
    const { metadata } = object;
    const known = this.#known.get(metadata.name);
    if (known && isOlderState(metadata, known.metadata)) return;
    this.#known.set(metadata.name, object);
    this.replaced(known, object);
  }

  /** Notes the reply to a write, which may come after the watch has reported the deletion: unknown objects are ignored. */
  update(object: T): void {
    const { name, uid } = object.metadata;
    if (this.#known.get(name)?.metadata.uid === uid) this.note(object);
  }

  /** Notes that the history of the cluster has been set back: any state may be news, also one with a lower resourceVersion. */
  setBack(): void {
    for (const [name, known] of this.#known) {
      this.#known.set(name, { ...known, metadata: { ...known.metadata, resourceVersion: undefined } });
    }
  }

  /** Notes that an object is gone. */
  forget({ metadata: { name, uid } }: T): void {
    const known = this.#known.get(name);
    if (known?.metadata.uid !== uid) return;
    this.#known.delete(name);
    this.replaced(known, undefined);
  }

  /**
   * Notes that a list is complete.
   *
   * @param present "namespace/name" of those listed
   * @returns the known objects that are not among them, and so are gone
   */
  retain(present: ReadonlySet<string>): T[] {
    this.#areListed = true;
    const gone = [...this.#known.values()].filter(
      ({ metadata }) => !present.has(presenceKey(metadata.namespace, metadata.name)),
    );
    for (const object of gone) this.forget(object);
    return gone;
  }

  /** One state has taken the place of another one. */
  protected replaced(_before: T | undefined, _now: T | undefined): void {
    // Nothing depends on it here.
  }

  /** Notes that nobody follows them any more. */
  clear(): void {
    this.#known.clear();
    this.#areListed = false;
  }
}
