import * as z from "zod";
import { isObject, type KubeObject } from "../kube/object";
import { canBeRelease, type ReleaseRef } from "./release";

/** The label with which Helm marks what it applies: helm.sh/helm/v3/pkg/action/validate.go. */
export const MANAGED_BY_LABEL = "app.kubernetes.io/managed-by";
export const MANAGED_BY_HELM = "Helm";
export const RELEASE_NAME_ANNOTATION = "meta.helm.sh/release-name";
export const RELEASE_NAMESPACE_ANNOTATION = "meta.helm.sh/release-namespace";

/** The object with Helm's ownership metadata, which no manifest contains and which overrides the manifest's own. */
export function withOwnership(object: KubeObject, release: ReleaseRef): KubeObject {
  const { metadata } = object;
  const labels = isObject(metadata.labels) ? metadata.labels : {};
  const annotations = isObject(metadata.annotations) ? metadata.annotations : {};
  return {
    ...object,
    metadata: {
      ...metadata,
      labels: { ...labels, [MANAGED_BY_LABEL]: MANAGED_BY_HELM },
      annotations: {
        ...annotations,
        [RELEASE_NAME_ANNOTATION]: release.name,
        [RELEASE_NAMESPACE_ANNOTATION]: release.namespace,
      },
    },
  };
}

const ownedSchema = z.object({
  metadata: z.object({
    annotations: z.object({
      [RELEASE_NAME_ANNOTATION]: z.string(),
      [RELEASE_NAMESPACE_ANNOTATION]: z.string(),
    }),
  }),
});

/** The release that a live object's annotations name; undefined unless both are there, and name what can be a release. */
export function ownerOf(live: unknown): ReleaseRef | undefined {
  const annotations = ownedSchema.safeParse(live).data?.metadata.annotations;
  if (!annotations) return undefined;
  const owner = {
    name: annotations[RELEASE_NAME_ANNOTATION],
    namespace: annotations[RELEASE_NAMESPACE_ANNOTATION],
  };
  return canBeRelease(owner) ? owner : undefined;
}

/** Whether a live object's annotations name this release. */
export function isOwnedBy(live: KubeObject, release: ReleaseRef): boolean {
  const { annotations } = live.metadata;
  return (
    isObject(annotations) &&
    annotations[RELEASE_NAME_ANNOTATION] === release.name &&
    annotations[RELEASE_NAMESPACE_ANNOTATION] === release.namespace
  );
}

/** Whether a live object carries Helm's label. */
export function hasHelmLabel(live: KubeObject): boolean {
  const { labels } = live.metadata;
  return isObject(labels) && labels[MANAGED_BY_LABEL] === MANAGED_BY_HELM;
}
