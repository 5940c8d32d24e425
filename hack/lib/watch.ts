import { z } from "zod";
import type { Api } from "./api";
import { kubeObject, type KubeObject } from "./objects";
import { PATIENCE, PatienceError } from "./patience";

const list = z.object({ metadata: z.object({ resourceVersion: z.string() }), items: z.array(kubeObject) });
const watchEvent = z.object({ type: z.enum(["ADDED", "MODIFIED", "DELETED"]), object: kubeObject });

/** The objects of a collection by name. */
export type Objects = ReadonlyMap<string, KubeObject>;

/** A state of one object; undefined means that there is none. */
export type IsState = (object: KubeObject | undefined) => boolean;

/** The key of those who wait for a change of any object. */
const ANY = "";

/** How a collection is watched. */
export interface WatchOptions {
  /** The only object to watch. @default all */
  name?: string;
  /** How long to wait for a state, in milliseconds. @default {@link PATIENCE} */
  patience?: number;
}

/** A collection as a watch shows it since it was opened. */
export class Watch {
  readonly #abort = new AbortController();
  readonly #objects = new Map<string, KubeObject>();
  /** By the object that they wait for: there may be thousands of both. */
  readonly #listeners = new Map<string, Set<() => void>>();
  #failure: Error | undefined;
  /** What was seen last. */
  #resourceVersion = "";

  private constructor(
    readonly path: string,
    readonly patience: number,
  ) {}

  /** Opens the watch of a collection, and returns once the API server has begun to answer it. */
  static async open(
    api: Api,
    path: string,
    { name, patience = PATIENCE }: WatchOptions = {},
  ): Promise<Watch> {
    const watch = new Watch(path, patience);
    const selector = name === undefined ? "" : `fieldSelector=metadata.name%3D${name}&`;
    const { items, metadata } = list.parse(await api.send("GET", `${path}?${selector}`));
    for (const item of items) watch.#objects.set(item.metadata.name, item);
    watch.#resourceVersion = metadata.resourceVersion;
    const goOn = () =>
      api.watch(`${path}?${selector}watch=1&resourceVersion=${watch.#resourceVersion}`, watch.#abort.signal);
    void watch.#follow(await goOn(), goOn);
    return watch;
  }

  /**
   * Resolves exactly at the event that makes the predicate hold, or at once if it already holds.
   *
   * @throws PatienceError with the last state if it does not come to hold, Error if the watch breaks
   */
  async until(predicate: (objects: Objects) => boolean, what: string): Promise<void> {
    await this.#until(ANY, () => predicate(this.#objects), what);
  }

  /**
   * Waits for a state of one object in the same way.
   *
   * @param signal ends the wait; it rejects then
   * @returns performance.now() at the event
   */
  async untilObject(name: string, isState: IsState, signal?: AbortSignal): Promise<number> {
    const what = `a state of ${name} (${isState.toString()})`;
    return this.#until(name, () => isState(this.#objects.get(name)), what, signal);
  }

  close(): void {
    this.#abort.abort();
  }

  #until(key: string, isMet: () => boolean, what: string, signal?: AbortSignal): Promise<number> {
    const listeners = this.#listeners.get(key) ?? new Set();
    this.#listeners.set(key, listeners);
    return new Promise((resolve, reject) => {
      const end = (): void => {
        clearTimeout(patience);
        listeners.delete(look);
        signal?.removeEventListener("abort", giveUp);
      };
      const giveUp = (): void => {
        reject(new Error(`nobody waits for ${what} any more`));
        end();
      };
      const look = (): void => {
        if (isMet()) resolve(performance.now());
        else if (this.#failure) reject(this.#failure);
        else return;
        end();
      };
      const patience = setTimeout(() => {
        const state = key === ANY ? [...this.#objects.values()] : this.#objects.get(key);
        reject(new PatienceError(`${what} did not come about; ${this.path} is ${JSON.stringify(state)}`));
        end();
      }, this.patience);
      signal?.addEventListener("abort", giveUp);
      listeners.add(look);
      look();
    });
  }

  /** The API server ends a watch whose reader falls behind, and after some time: it goes on where it has ended. */
  async #follow(first: AsyncIterable<unknown>, goOn: () => Promise<AsyncIterable<unknown>>): Promise<void> {
    try {
      for (let events = first; ; events = await goOn())
        for await (const event of events) this.#take(watchEvent.parse(event));
    } catch (error) {
      this.#failure = new Error(`the watch of ${this.path} broke`, { cause: error });
    }
    for (const key of this.#listeners.keys()) this.#tell(key);
  }

  #take({ type, object }: z.infer<typeof watchEvent>): void {
    const { name, resourceVersion } = object.metadata;
    this.#resourceVersion = resourceVersion;
    if (type === "DELETED") this.#objects.delete(name);
    else this.#objects.set(name, object);
    this.#tell(name);
    this.#tell(ANY);
  }

  #tell(key: string): void {
    for (const look of [...(this.#listeners.get(key) ?? [])]) look();
  }
}

/**
 * Waits for a state of one object.
 *
 * @param path of the object
 * @returns the object in that state; undefined if the awaited state is that there is none
 */
export async function until(api: Api, path: string, isState: IsState): Promise<KubeObject | undefined> {
  const slash = path.lastIndexOf("/");
  const name = path.slice(slash + 1);
  const watch = await Watch.open(api, path.slice(0, slash), { name });
  let found: KubeObject | undefined;
  try {
    await watch.until(
      objects => isState((found = objects.get(name))),
      `a state of ${name} (${isState.toString()})`,
    );
    return found;
  } finally {
    watch.close();
  }
}
