import { setTimeout as delay } from "node:timers/promises";
import { bring } from "../cluster/bring";
import { ApiError, NetworkError } from "../cluster/errors";
import { Cluster } from "../cluster/k8s";
import { DEFINITIONS, kindOf } from "../kube/kinds";

const RETRY_MS = 1_000;

/** How many tries the API server may need for a new CRD before the locker mentions it. */
const EXPECTED_TRIES = 3;

const NAMESPACES = kindOf({ apiVersion: "v1", kind: "Namespace", plural: "namespaces", namespaced: false });

const STORES = kindOf({
  apiVersion: "pepr.dev/v1",
  kind: "PeprStore",
  plural: "peprstores",
  namespaced: true,
});

const stringMap = { type: "object", additionalProperties: { type: "string" } };

/** Copied from Pepr (pepr/src/lib/assets/store.ts), which cannot be imported beside the runtime: it registers its kinds a second time. */
export const PEPR_STORE_CRD = {
  apiVersion: "apiextensions.k8s.io/v1",
  kind: "CustomResourceDefinition",
  metadata: { name: `${STORES.plural}.pepr.dev` },
  spec: {
    group: "pepr.dev",
    versions: [
      {
        name: "v1",
        served: true,
        storage: true,
        schema: { openAPIV3Schema: { type: "object", properties: { data: stringMap } } },
      },
    ],
    scope: "Namespaced",
    names: { plural: STORES.plural, singular: "peprstore", kind: STORES.kind },
  },
};

/** Where Pepr keeps its store, whatever namespace the module runs in. Source: pepr/src/lib/controller/store.ts. */
const NAMESPACE = { apiVersion: "v1", kind: "Namespace", metadata: { name: "pepr-system" } };

/**
 * Creates the namespace and the CRD of Pepr's store if they are missing, and waits until the API server serves the
 * store, however long that takes. Pepr's image does that in a separate process (pepr/src/runtime/controller.ts);
 * without the store, a module watches nothing.
 *
 * @param waiting called with the reason if it takes long, once for each reason
 */
export async function ensurePeprStore(waiting: (error: Error) => void): Promise<void> {
  const cluster = new Cluster();
  const told = new Set<string>();
  try {
    for (let attempt = 1; ; attempt++) {
      const error = await obstacle(cluster);
      if (!error) return;
      if (attempt > EXPECTED_TRIES && !told.has(error.message)) {
        told.add(error.message);
        waiting(error);
      }
      await delay(RETRY_MS);
    }
  } finally {
    await cluster.close();
  }
}

/** @returns why the store is not served yet; undefined if it is */
async function obstacle(cluster: Cluster): Promise<Error | undefined> {
  try {
    await bring(cluster, NAMESPACES, NAMESPACE);
    await bring(cluster, DEFINITIONS, PEPR_STORE_CRD);
    await cluster.K8s(STORES).InNamespace(NAMESPACE.metadata.name).Probe();
    return undefined;
  } catch (error) {
    if (error instanceof ApiError || error instanceof NetworkError) return error;
    throw error;
  }
}
