import { isDeepStrictEqual } from "node:util";
import type { Discovery } from "../cluster/discovery";
import { collectionPath, type Kind } from "../kube/kinds";
import type { Reporter } from "../report/reporter";
import { toLoad } from "../state/requests";
import type { Store } from "../state/store";
import type { Controller, Request, Result } from "../work/controller";
import type { Queue } from "../work/queue";

/** Who knows which kinds are served, and where to go with what has changed. */
interface Parts {
  readonly discovery: Discovery;
  readonly store: Store;
  readonly queue: Queue;
  readonly reporter: Reporter;
}

/** Follows kinds whose CRDs are made anew with another plural or scope: what a manifest means on the cluster then is another thing. */
export class KindController implements Controller {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** What is not served at all may come back as it was. */
  async reconcile({ name: apiVersion }: Request): Promise<Result> {
    const { discovery, store, queue } = this.#parts;
    discovery.forget(apiVersion);
    for (const [collection, kind] of this.#trackedOf(apiVersion)) {
      const served = await discovery.find(apiVersion, kind.kind);
      if (!served || isDeepStrictEqual(served, kind)) continue;
      for (const lock of store.locks()) {
        if (!lock.collections.has(collection)) continue;
        store.misread(lock);
        queue.addNow(toLoad(lock.release));
      }
    }
    return undefined;
  }

  failed({ name }: Request, error: unknown): void {
    this.#parts.reporter.troubled("can't find out what {api} serves", { api: name }, error);
  }

  /** The kinds of an API version that locks track, by their collections. */
  #trackedOf(apiVersion: string): Map<string, Kind> {
    const objects = [...this.#parts.store.locks()].flatMap(lock => [...lock.objects.values()]);
    const kinds = objects.map(({ kind }) => kind).filter(kind => kind.apiVersion === apiVersion);
    return new Map(kinds.map(kind => [collectionPath(kind), kind]));
  }
}
