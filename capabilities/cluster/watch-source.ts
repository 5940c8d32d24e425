import type { KubeObject } from "../kube/object";
import type { StreamHandlers } from "./connection";
import type { AskForPage } from "./pages";

/** What a watch reports. Handlers are called one after the other, in the server's order, and must not wait. */
export interface WatchHandlers {
  /** A list begins. */
  listing?(): void;
  /**
   * An object in its current state: listed, added or modified.
   *
   * @param bytes how many it has as JSON
   * @returns whether `listed` is to tell that it was there
   */
  changed(object: KubeObject, bytes: number): boolean;
  /** An object that is gone, or no longer matches the selector. */
  deleted(object: KubeObject): void;
  /** A list is complete: what is not in it ("namespace/name") either did not exist at that resourceVersion, or was not to be told of. */
  listed(present: ReadonlySet<string>, resourceVersion: string): void;
  /** An attempt failed, and will be repeated; or it takes long. Until it is resumed, changes are not seen. */
  failed(error: unknown): void;
  /** It is followed again after it was cut, or has failed. What answers now may serve other kinds. */
  resumed?(): void;
  /** etcd was restored from an older copy: no known resourceVersion means anything. A list follows. */
  setBack?(): void;
}

/** How a watch asks; `query` holds the parameters that it adds to the request. */
export interface WatchSource {
  readonly list: AskForPage;
  /** Events, until the server or the signal ends them. */
  follow(query: Record<string, string>, signal: AbortSignal, on: StreamHandlers): Promise<void>;
}
