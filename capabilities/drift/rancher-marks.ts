import { isObject, type KubeObject } from "../kube/object";
import type { ReleaseRef } from "../release/release";

/** Finalizer that the original Helm Locker left on its HelmReleases; if nobody removes it, a delete hangs. */
export const ORIGINAL_FINALIZER = "wrangler.cattle.io/on-helm-release-remove";

const PREFIX = "objectset.rio.cattle.io/";

/** Label and annotations that the original put on the objects that it locked. Source: rancher/wrangler pkg/apply/desiredset_apply.go. */
const MARKS = new Set(
  ["hash", "applied", "id", "owner-gvk", "owner-name", "owner-namespace"].map(key => PREFIX + key),
);

/**
 * The owner in the original's own marks: Fleet, Rancher and others put the same marks on their objects, with other
 * owners.
 * Source: rancher/helm-locker pkg/objectset/handler.go.
 */
const OWNER_KIND = "internal.cattle.io/v1alpha1, Kind=objectSetState";

/** Whether a label or an annotation of a live object is one of the original's marks. */
export function isOriginalMark(live: KubeObject, key: string): boolean {
  return MARKS.has(key) && annotationsOf(live)[`${PREFIX}owner-gvk`] === OWNER_KIND;
}

/**
 * Whether the original has locked a live object for this release; an object that the original recreated has no other
 * mark of the release.
 */
export function wasLockedByOriginal(live: KubeObject, { name, namespace }: ReleaseRef): boolean {
  const annotations = annotationsOf(live);
  return (
    annotations[`${PREFIX}owner-gvk`] === OWNER_KIND &&
    annotations[`${PREFIX}owner-name`] === name &&
    annotations[`${PREFIX}owner-namespace`] === namespace
  );
}

function annotationsOf({ metadata: { annotations } }: KubeObject): Record<string, unknown> {
  return isObject(annotations) ? annotations : {};
}
