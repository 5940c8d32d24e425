import type { KubeObject } from "../kube/object";
import type { Tracked } from "./lock";
import type { Phase } from "./phase";

/** What loading a release's newest record has found. */
export interface Loaded {
  readonly phase: Phase;
  /** The phase before; undefined at the first load. */
  readonly before: Phase | undefined;
  /** Whether the newest record is a different one than before. */
  readonly isAnother: boolean;
  /** Whether kinds of the manifest are not served yet: the lock has to be loaded again. */
  readonly isWaiting: boolean;
}

/** What was done to put an object right. */
export interface Reverted {
  readonly tracked: Tracked;
  readonly operation: "create" | "apply" | "remove";
  /** Where it differed, as JSON pointers; empty for a created object. */
  readonly fields: readonly string[];
  /** Who had changed it, by their own choice of field manager names. */
  readonly by: readonly string[];
  /** The object with the change; undefined if it was gone. */
  readonly before: KubeObject | undefined;
  /** The uid of the object that was put right. */
  readonly uid: string;
  /** Milliseconds from when the change was seen to the answer to the write. */
  readonly tookMs: number;
}
