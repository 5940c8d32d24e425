import type { Driver } from "../release/revisions";
import type { RecordReader } from "../release/storage";
import type { KubeClient } from "./client";
import { itemsOf, type Objects } from "./objects";
import { collectionPath, type Resource } from "./resources";
import type { WatchScope } from "./watch";

const RESOURCES: Readonly<Record<Driver, Resource>> = {
  Secret: { apiVersion: "v1", kind: "Secret", plural: "secrets", namespaced: true },
  ConfigMap: { apiVersion: "v1", kind: "ConfigMap", plural: "configmaps", namespaced: true },
};

/** A watch on the release records of one of Helm's storage drivers. */
export interface RecordScope extends WatchScope {
  readonly driver: Driver;
}

/**
 * Every release record but the superseded ones, of which a release keeps up to ten and which tell nothing; metadata only, since the
 * labels are enough to know the phase and payloads are large. Source: helm pkg/storage/driver/secrets.go, newSecretsObject.
 */
export const RELEASE_RECORDS: readonly RecordScope[] = (["Secret", "ConfigMap"] as const).map(driver => ({
  driver,
  resource: RESOURCES[driver],
  labelSelector: "owner=helm,status!=superseded",
  metadataOnly: true,
}));

/** Reads Helm's release records, of either storage driver. */
export function recordReaders(client: KubeClient, objects: Objects): Readonly<Record<Driver, RecordReader>> {
  const readerOf = (resource: Resource): RecordReader => ({
    get: (namespace, name) => objects.get(resource, { namespace, name }),
    getMetadata: (namespace, name) => objects.getMetadata(resource, { namespace, name }),
    list: async ({ namespace, name }) => {
      const query = new URLSearchParams({ labelSelector: `owner=helm,name=${name}` }).toString();
      const path = `${collectionPath(resource, namespace)}?${query}`;
      return itemsOf(await client.send({ method: "GET", path, metadataOf: "list" }), resource);
    },
  });
  return { Secret: readerOf(RESOURCES.Secret), ConfigMap: readerOf(RESOURCES.ConfigMap) };
}
