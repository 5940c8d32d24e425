import * as z from "zod";
import { CRD_VERSION_ANNOTATION, helmReleaseCrd } from "../../crds/crd";
import { helmReleaseKind } from "../../crds/helm-release";
import type { KubeObject } from "../release/object";
import type { KubeClient } from "./client";
import { itemsOf, type Objects } from "./objects";
import { collectionPath, DEFINITIONS, type Resource } from "./resources";

/** The resource that HelmReleases are. */
export const HELM_RELEASES: Resource = {
  apiVersion: `${helmReleaseKind.group}/${helmReleaseKind.version}`,
  kind: helmReleaseKind.kind,
  plural: helmReleaseKind.plural,
  namespaced: true,
};

/**
 * Creates the CRD of HelmReleases where it is missing, and brings an older one, or that of Rancher's helm-locker, up to this one, which
 * accepts all that they accept: Helm leaves the CRDs of a chart as they are in every upgrade. A newer one stays.
 *
 * @throws ApiError, NetworkError
 */
export async function ensureCrd(objects: Objects): Promise<void> {
  const { name } = helmReleaseCrd.metadata;
  const served = await objects.getMetadata(DEFINITIONS, { name });
  if (!served || isOutdated(served)) await objects.upsert(DEFINITIONS, helmReleaseCrd);
}

/** Whether a CRD is of an older version than this locker's; one without a version is. */
export function isOutdated({ metadata }: KubeObject): boolean {
  const { data } = versionSchema.safeParse(metadata);
  const served = versionOf(data?.annotations[CRD_VERSION_ANNOTATION] ?? "");
  const ours = versionOf(helmReleaseCrd.metadata.annotations[CRD_VERSION_ANNOTATION]);
  const differing = ours.findIndex((number, index) => number !== served[index]);
  return differing !== -1 && (ours[differing] ?? 0) > (served[differing] ?? 0);
}

const versionSchema = z.object({ annotations: z.record(z.string(), z.string()) });

/** Major, minor and patch; zeros where the text is no version. */
function versionOf(text: string): number[] {
  const [, ...numbers] = /^(\d+)\.(\d+)\.(\d+)/.exec(text) ?? [];
  return numbers.length === 3 ? numbers.map(Number) : [0, 0, 0];
}

/**
 * Every HelmRelease of the registration namespace.
 *
 * @throws ApiError (NotFoundError while the CRD is not established), NetworkError
 */
export async function listHelmReleases(client: KubeClient, namespace: string): Promise<KubeObject[]> {
  const list = await client.send({ method: "GET", path: collectionPath(HELM_RELEASES, namespace) });
  return itemsOf(list, HELM_RELEASES);
}
