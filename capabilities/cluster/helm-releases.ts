import { helmReleaseCrd } from "../../crds/crd";
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
 * Creates the CRD of HelmReleases where it is missing.
 *
 * @throws ApiError, NetworkError
 */
export async function ensureCrd(objects: Objects): Promise<void> {
  const { name } = helmReleaseCrd.metadata;
  if (await objects.getMetadata(DEFINITIONS, { name })) return;
  await objects.upsert(DEFINITIONS, helmReleaseCrd);
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
