import type { KindActions } from "../cluster/k8s";
import type { Watch } from "../cluster/watch";
import type { KubeObject } from "../kube/object";

/** What a watch follows, to be compared with a list of the same. */
export interface Followed {
  readonly watch: Pick<Watch, "relist">;
  /** What the watch lists, metadata only. */
  readonly listed: Pick<KindActions, "kind" | "Each">;
  /** The newest resourceVersion that the watch, or a read, has shown; empty before the first. */
  newest(): string;
  /** Whether anybody needs to know that a listed object is there. */
  concerns(object: KubeObject): boolean;
  /** Whether a listed object is not known, or only in an older state. */
  isNews(object: KubeObject): boolean;
  /** Whether something is known that is not listed, and was seen no later than that. @param present "namespace/name" of what is listed and concerns somebody */
  isMissing(present: ReadonlySet<string>, resourceVersion: string): boolean;
}
