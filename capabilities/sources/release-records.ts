import type { Cluster, KindActions } from "../cluster/k8s";
import { kindOf, type Kind } from "../kube/kinds";
import type { Driver } from "../release/revisions";
import type { RecordReader } from "../release/storage";

/** The kinds in which Helm keeps records. */
export const SECRETS = kindOf({ apiVersion: "v1", kind: "Secret", plural: "secrets", namespaced: true });
export const CONFIG_MAPS = kindOf({
  apiVersion: "v1",
  kind: "ConfigMap",
  plural: "configmaps",
  namespaced: true,
});

/**
 * Every release record except superseded ones, of which a release keeps up to ten and which say nothing. Reads metadata
 * only, because the labels are enough to know the phase, and payloads are large.
 * Source: helm pkg/storage/driver/secrets.go, newSecretsObject.
 */
export function releaseRecords(actions: KindActions): KindActions {
  return actions.WithLabel("owner", "helm").WithoutLabel("status", "superseded").MetadataOnly();
}

/** Reads Helm's release records, for both storage drivers. */
export function recordReaders(cluster: Cluster): Readonly<Record<Driver, RecordReader>> {
  return { Secret: readerOf(cluster, SECRETS), ConfigMap: readerOf(cluster, CONFIG_MAPS) };
}

function readerOf(cluster: Cluster, kind: Kind): RecordReader {
  const inNamespace = (namespace: string) => cluster.K8s(kind).InNamespace(namespace);
  return {
    get: (namespace, name) => inNamespace(namespace).Get(name),
    getMetadata: (namespace, name) => inNamespace(namespace).MetadataOnly().Get(name),
    each: async ({ namespace, name }, onRecord) => {
      const records = inNamespace(namespace).WithLabel("owner", "helm").WithLabel("name", name);
      await records.MetadataOnly().Each(onRecord);
    },
  };
}
