import { KubeConfig } from "@kubernetes/client-node";
import { setTimeout as delay } from "node:timers/promises";
import { peprStoreCRD } from "pepr/src/lib/assets/store";
import { z } from "zod";
import { KubeClient } from "../../capabilities/cluster/client";
import { ApiError, ConflictError, ForbiddenError, NotFoundError } from "../../capabilities/cluster/errors";
import { loadConfig } from "../../capabilities/config";
import { helmReleaseCrd } from "../../crds/crd";
import { UserError } from "../lib/task";

const NAMESPACES = "/api/v1/namespaces";
const CRDS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
const POLL_MS = 50;

const named = z.object({ kind: z.string(), metadata: z.object({ name: z.string() }) });

const definition = z.object({
  status: z.object({ conditions: z.array(z.object({ type: z.string(), status: z.string() })).nullish() }),
});

/** The cluster cannot be reached, or lacks something that this user may not create. */
export class ClusterSetupError extends UserError {
  override readonly name = "ClusterSetupError";
}

/** The namespace of HelmReleases, as the environment sets it for the locker, whose bad options end this process, too. */
export function registrationNamespace(): string {
  return loadConfig().namespace;
}

/**
 * Creates what has to be there before the locker starts: the namespace and the store's definition of Pepr's runtime, and
 * the namespace and the definition of HelmReleases. What exists is left as it is and needs no right to create it.
 * @param kubeconfig a path; without it `$KUBECONFIG`, else `~/.kube/config`
 * @throws ClusterSetupError, ApiError
 */
export async function ensureCluster(namespace: string, kubeconfig?: string): Promise<void> {
  try {
    const client = clientFor(kubeconfig);
    try {
      await ensureAll(client, namespace);
    } finally {
      await client.close();
    }
  } catch (error) {
    if (error instanceof ClusterSetupError || error instanceof ApiError) throw error;
    const from = kubeconfig ?? process.env["KUBECONFIG"] ?? "~/.kube/config";
    const advice = `The cluster of ${from} cannot be reached: set KUBECONFIG to one that can.`;
    throw new ClusterSetupError(`${advice}\n${String(error)}`, { cause: error });
  }
}

function clientFor(kubeconfig: string | undefined): KubeClient {
  if (kubeconfig === undefined) return KubeClient.fromEnvironment();
  const kubeConfig = new KubeConfig();
  kubeConfig.loadFromFile(kubeconfig);
  return new KubeClient(kubeConfig);
}

async function ensureAll(client: KubeClient, namespace: string): Promise<void> {
  for (const name of new Set(["pepr-system", namespace])) {
    await ensure(client, NAMESPACES, { apiVersion: "v1", kind: "Namespace", metadata: { name } });
  }
  for (const crd of [peprStoreCRD, helmReleaseCrd]) {
    const { name } = await ensure(client, CRDS, crd);
    while (!(await isEstablished(client, `${CRDS}/${name}`))) await delay(POLL_MS);
  }
}

async function ensure(client: KubeClient, collection: string, object: unknown): Promise<{ name: string }> {
  const { kind, metadata } = named.parse(object);
  if (await exists(client, `${collection}/${metadata.name}`)) return metadata;
  try {
    await client.send({ method: "POST", path: collection, body: object });
  } catch (error) {
    if (error instanceof ForbiddenError) {
      const message = `${kind} ${metadata.name} does not exist and this user may not create it: let an administrator do it`;
      throw new ClusterSetupError(`${message} (${error.message})`, { cause: error });
    }
    // Someone else created it in between.
    if (!(error instanceof ConflictError)) throw error;
  }
  return metadata;
}

async function exists(client: KubeClient, path: string): Promise<boolean> {
  try {
    await client.send({ method: "GET", path });
    return true;
  } catch (error) {
    if (error instanceof NotFoundError) return false;
    throw error;
  }
}

async function isEstablished(client: KubeClient, path: string): Promise<boolean> {
  const { status } = definition.parse(await client.send({ method: "GET", path }));
  return status.conditions?.some(({ type, status }) => type === "Established" && status === "True") ?? false;
}
