import { z } from "zod";
import type { Api } from "./api";
import { kubeObject, type KubeObject } from "./objects";
import { PATIENCE } from "./patience";

const list = z.object({ metadata: z.object({ resourceVersion: z.string() }), items: z.array(kubeObject) });
const watchEvent = z.object({ type: z.enum(["ADDED", "MODIFIED", "DELETED"]), object: kubeObject });

/** The objects of a collection by name. */
export type Objects = ReadonlyMap<string, KubeObject>;

/** A collection as a watch shows it from its opening on. */
export class Watch {
  readonly #abort = new AbortController();
  readonly #objects = new Map<string, KubeObject>();
  readonly #listeners = new Set<() => void>();
  #failure: Error | undefined;

  private constructor(readonly path: string) {}

  /**
   * @param path of the collection
   * @param name of the only object to watch; all where absent
   */
  static async open(api: Api, path: string, name?: string): Promise<Watch> {
    const watch = new Watch(path);
    const selector = name === undefined ? "" : `fieldSelector=metadata.name%3D${name}&`;
    const { items, metadata } = list.parse(await api.send("GET", `${path}?${selector}`));
    for (const item of items) watch.#objects.set(item.metadata.name, item);
    void watch.#follow(api, `${path}?${selector}watch=1&resourceVersion=${metadata.resourceVersion}`);
    return watch;
  }

  /**
   * Resolves at the very event with which the predicate holds, or at once where it holds already.
   *
   * @throws Error with the last state where it does not come to hold, or the watch breaks
   */
  async until(predicate: (objects: Objects) => boolean, what: string): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      const end = (error?: Error): void => {
        clearTimeout(patience);
        this.#listeners.delete(look);
        if (error) reject(error);
        else resolve();
      };
      const look = (): void => {
        if (predicate(this.#objects)) end();
        else if (this.#failure) end(this.#failure);
      };
      const patience = setTimeout(() => {
        end(
          new Error(
            `${what} did not come about; ${this.path} is ${JSON.stringify([...this.#objects.values()])}`,
          ),
        );
      }, PATIENCE);
      this.#listeners.add(look);
      look();
    });
  }

  close(): void {
    this.#abort.abort();
  }

  async #follow(api: Api, path: string): Promise<void> {
    try {
      for await (const line of api.stream(path, this.#abort.signal)) {
        const { type, object } = watchEvent.parse(line);
        if (type === "DELETED") this.#objects.delete(object.metadata.name);
        else this.#objects.set(object.metadata.name, object);
        this.#tell();
      }
      this.#failure = new Error(`the API server ended the watch of ${this.path}`);
    } catch (error) {
      this.#failure = new Error(`the watch of ${this.path} broke`, { cause: error });
    }
    this.#tell();
  }

  #tell(): void {
    for (const listener of [...this.#listeners]) listener();
  }
}

/**
 * Waits for a state of one object.
 *
 * @param path of the object
 * @param predicate over the object, undefined while there is none
 * @returns the object in that state, undefined where that is the state waited for
 */
export async function until(
  api: Api,
  path: string,
  predicate: (object: KubeObject | undefined) => boolean,
): Promise<KubeObject | undefined> {
  const slash = path.lastIndexOf("/");
  const name = path.slice(slash + 1);
  const watch = await Watch.open(api, path.slice(0, slash), name);
  let found: KubeObject | undefined;
  try {
    await watch.until(objects => {
      found = objects.get(name);
      return predicate(found);
    }, `a state of ${name} (${predicate.toString()})`);
    return found;
  } finally {
    watch.close();
  }
}
