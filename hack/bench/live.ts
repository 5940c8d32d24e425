import { z } from "zod";
import type { Api } from "../lib/api";
import { collection } from "../lib/objects";

/** How long a state is waited for before the benchmark fails, in milliseconds. */
const PATIENCE = 120_000;

const list = z.object({ metadata: z.object({ resourceVersion: z.string() }) });

const event = z.object({
  type: z.enum(["ADDED", "MODIFIED", "DELETED"]),
  object: z.object({
    metadata: z.object({ name: z.string() }),
    data: z.record(z.string(), z.string()).default({}),
  }),
});

/** What is live of a ConfigMap; undefined where it is deleted. */
export type Seen = z.infer<typeof event>["object"] | undefined;

interface Waiting {
  fits: (object: Seen) => boolean;
  done: (at: number) => void;
}

/** The ConfigMaps of a namespace from now on, by one open watch. */
export class Live {
  readonly #abort = new AbortController();
  readonly #waiting = new Map<string, Set<Waiting>>();
  #failed: (error: unknown) => void = () => undefined;
  readonly #failure = new Promise<never>((_, reject) => (this.#failed = reject));

  private constructor() {
    this.#failure.catch(() => undefined);
  }

  /** Opens the watch. */
  static async open(api: Api, namespace: string): Promise<Live> {
    const live = new Live();
    const path = collection("v1", "configmaps", namespace);
    const { metadata } = list.parse(await api.send("GET", `${path}?limit=1`));
    void live.#follow(api, `${path}?watch=1&resourceVersion=${metadata.resourceVersion}`);
    return live;
  }

  /**
   * Waits for an event of one object.
   *
   * @returns performance.now() at the event
   * @throws Error where it does not come within two minutes, or the watch ends
   */
  until(name: string, fits: (object: Seen) => boolean): Promise<number> {
    const ofName = this.#waiting.get(name) ?? new Set<Waiting>();
    this.#waiting.set(name, ofName);
    const shown = new Promise<number>((resolve, reject) => {
      const patience = setTimeout(() => {
        reject(new Error(`${name} did not come to be as awaited`));
      }, PATIENCE);
      const waiting = {
        fits,
        done: (at: number) => {
          clearTimeout(patience);
          ofName.delete(waiting);
          resolve(at);
        },
      };
      ofName.add(waiting);
    });
    return Promise.race([shown, this.#failure]);
  }

  close(): void {
    this.#abort.abort();
  }

  async #follow(api: Api, path: string): Promise<void> {
    try {
      for await (const line of api.stream(path, this.#abort.signal))
        this.#take(event.parse(line), performance.now());
      throw new Error("the API server ended the watch");
    } catch (error) {
      if (!this.#abort.signal.aborted) this.#failed(error);
    }
  }

  #take({ type, object }: z.infer<typeof event>, at: number): void {
    const ofName = this.#waiting.get(object.metadata.name) ?? [];
    for (const { fits, done } of [...ofName]) if (fits(type === "DELETED" ? undefined : object)) done(at);
  }
}
