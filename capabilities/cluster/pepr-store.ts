import { setTimeout as delay } from "node:timers/promises";
import { KubeClient } from "./client";
import { ApiError, NetworkError } from "./errors";
import { Objects } from "./objects";
import { collectionPath, DEFINITIONS, type Resource } from "./resources";

const RETRY_MS = 1_000;

/** How many tries the API server may need for a new definition before that is worth a word. */
const EXPECTED_TRIES = 3;

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

/** Where Pepr keeps it, whatever namespace the module runs in. Source: pepr/src/lib/controller/store.ts. */
const NAMESPACE = { apiVersion: "v1", kind: "Namespace", metadata: { name: "pepr-system" } };

const NAMESPACES: Resource = {
  apiVersion: "v1",
  kind: "Namespace",
  plural: "namespaces",
  namespaced: false,
};

/**
 * Creates the namespace and the CRD of Pepr's store where they are missing, and waits until the API server serves it, however long that
 * takes. Pepr's image does that in a process of its own (pepr/src/runtime/controller.ts); without it a module watches nothing.
 *
 * @param waiting told why it takes long, once for each reason
 */
export async function ensurePeprStore(waiting: (error: Error) => void): Promise<void> {
  const client = KubeClient.fromEnvironment();
  const told = new Set<string>();
  try {
    for (let attempt = 1; ; attempt++) {
      const error = await obstacle(client);
      if (!error) return;
      if (attempt > EXPECTED_TRIES && !told.has(error.message)) {
        told.add(error.message);
        waiting(error);
      }
      await delay(RETRY_MS);
    }
  } finally {
    await client.close();
  }
}

/** @returns why the store is not served yet; undefined where it is */
async function obstacle(client: KubeClient): Promise<Error | undefined> {
  try {
    const objects = new Objects(client);
    await ensure(objects, NAMESPACES, NAMESPACE);
    await ensure(objects, DEFINITIONS, PEPR_STORE_CRD);
    await client.send({ method: "GET", path: collectionPath(STORES, NAMESPACE.metadata.name) });
    return undefined;
  } catch (error) {
    if (error instanceof ApiError || error instanceof NetworkError) return error;
    throw error;
  }
}

async function ensure(
  objects: Objects,
  resource: Resource,
  object: { metadata: { name: string } },
): Promise<void> {
  const { name } = object.metadata;
  if (!(await objects.getMetadata(resource, { name }))) await objects.upsert(resource, object);
}
