import type { KindActions } from "../cluster/k8s";
import type { Kind, ObjectRef } from "../kube/kinds";
import type { Driver } from "../release/revisions";

/** What the locker watches, and how. */
export interface Bindings {
  /** The HelmReleases of the registration namespace. */
  readonly helmReleases: KindActions;
  /** The HelmLockerPolicies of the registration namespace. */
  readonly lockerPolicies: KindActions;
  /** Every namespace, metadata only. */
  readonly namespaces: KindActions;
  /** Release records, for each of Helm's storage drivers. */
  readonly records: Readonly<Record<Driver, KindActions>>;
  /** A kind that locked releases track. */
  readonly tracked: (kind: Kind) => KindActions;
  /** One object that the watch of its kind does not show. */
  readonly single: (kind: Kind, ref: ObjectRef) => KindActions;
}
