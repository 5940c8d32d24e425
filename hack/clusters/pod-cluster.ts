import type { Tools } from "./tools";

/** A cluster of one's own in which Pods run. */
export interface PodCluster extends Tools {
  /** Loads an image from a docker-archive, so that Pods can run it without a registry. @throws CommandError */
  importImage(archive: string): Promise<void>;
  /** Ends all of it and leaves nothing behind. */
  stop(): Promise<void>;
}
