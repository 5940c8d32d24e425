import { setTimeout as delay } from "node:timers/promises";
import { KubeClient } from "./client";
import { ApiError, NetworkError } from "./errors";
import { Objects } from "./objects";
import { collectionPath, DEFINITIONS, type Resource } from "./resources";

const RETRY_MS = 1_000;

const STORES: Resource = {
  apiVersion: "pepr.dev/v1",
  kind: "PeprStore",
  plural: "peprstores",
  namespaced: true,
};

const stringMap = { type: "object", additionalProperties: { type: "string" } };

/** As Pepr has it (pepr/src/lib/assets/store.ts), which cannot be imported beside the runtime: it registers its kinds a second time. */
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

/**
 * Creates the CRD of Pepr's store where it is missing, and waits until the API server serves it, however long that takes.
 * Pepr's image does that in a process of its own (pepr/src/runtime/controller.ts); a module that starts without it answers
 * its probes with 404 for ever.
 */
export async function ensurePeprStore(): Promise<void> {
  const client = KubeClient.fromEnvironment();
  try {
    while (!(await isServed(client))) await delay(RETRY_MS);
  } finally {
    await client.close();
  }
}

async function isServed(client: KubeClient): Promise<boolean> {
  try {
    const objects = new Objects(client);
    const { name } = PEPR_STORE_CRD.metadata;
    if (!(await objects.getMetadata(DEFINITIONS, { name })))
      await objects.upsert(DEFINITIONS, PEPR_STORE_CRD);
    await client.send({ method: "GET", path: collectionPath(STORES, "pepr-system") });
    return true;
  } catch (error) {
    if (error instanceof ApiError || error instanceof NetworkError) return false;
    throw error;
  }
}
