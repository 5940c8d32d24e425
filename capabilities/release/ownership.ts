import * as z from "zod";
import { isObject, type KubeObject } from "../kube/object";
import { canBeRelease, type ReleaseRef } from "./release";

/** The label with which Helm marks what it applies: helm.sh/helm/v3/pkg/action/validate.go. */
export const MANAGED_BY_LABEL = "app.kubernetes.io/managed-by";
export const MANAGED_BY_HELM = "Helm";
const RELEASE_NAME_ANNOTATION = "meta.helm.sh/release-name";
const RELEASE_NAMESPACE_ANNOTATION = "meta.helm.sh/release-namespace";

/** The manager that both Helm CLIs write as. */
export const DEFAULT_FIELD_MANAGER = "helm";

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
  const owner = ownerOf(live);
  return owner?.name === release.name && owner.namespace === release.namespace;
}

/** Whether a live object carries Helm's label. */
export function hasHelmLabel(live: KubeObject): boolean {
  const { labels } = live.metadata;
  return isObject(labels) && labels[MANAGED_BY_LABEL] === MANAGED_BY_HELM;
}

const managedSchema = z.object({
  metadata: z.object({
    managedFields: z.array(z.object({ manager: z.string().optional(), fieldsV1: z.unknown() })),
  }),
});

const ownsReleaseName = z.object({
  "f:metadata": z.object({
    "f:annotations": z.object({
      [`f:${RELEASE_NAME_ANNOTATION}`]: z.unknown().refine(value => value !== undefined),
    }),
  }),
});

/**
 * The manager that wrote a live object's `meta.helm.sh/release-name`, and so shows how this release is applied.
 * Undefined if nobody owns the annotation, or only managers that are never Helm's: kubectl, or Pepr's fluent client.
 */
export function fieldManagerVote(live: unknown): string | undefined {
  const entries = managedSchema.safeParse(live).data?.metadata.managedFields ?? [];
  return entries
    .filter(({ fieldsV1 }) => ownsReleaseName.safeParse(fieldsV1).success)
    .map(({ manager }) => manager)
    .find(manager => manager !== undefined && manager !== "" && !isForeign(manager));
}

/** "before-first-apply" is the API server's own name for the time before managers were tracked. */
function isForeign(manager: string): boolean {
  return manager.startsWith("kubectl") || manager === "pepr" || manager === "before-first-apply";
}

/**
 * The field manager of a release: the most frequent vote of its objects. On a tie, the first in the alphabet wins;
 * without votes it is "helm". A single object does not decide, because anyone may have rewritten its annotation.
 */
export function electFieldManager(votes: Iterable<string>): string {
  const counts = new Map<string, number>();
  for (const vote of votes) counts.set(vote, (counts.get(vote) ?? 0) + 1);
  const ranked = [...counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
  return ranked[0]?.[0] ?? DEFAULT_FIELD_MANAGER;
}
