import type { Tools } from "./tools";

/** A cluster that runs Pods. */
export interface PodCluster extends Tools {
  /** Loads an image from a docker-archive, so that Pods can run it without a registry. @throws CommandError */
  importImage(archive: string): Promise<void>;
  /** Ends everything and leaves nothing behind. */
  stop(): Promise<void>;
}
