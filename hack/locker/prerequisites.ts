import { peprStoreCRD } from "pepr/src/lib/assets/store";
import { z } from "zod";
import { loadConfig } from "../../capabilities/config";
import { definitions } from "../../crds/definitions";
import { memoryCrd } from "../../crds/memory";
import { releaseLockCrd } from "../../crds/release-lock";
import { Api, Refused } from "../lib/api";
import { collection, type KubeObject } from "../lib/objects";
import { UserError } from "../lib/task";
import { until } from "../lib/watch";

const NAMESPACES = collection("v1", "namespaces");
const DEFINITIONS = collection("apiextensions.k8s.io/v1", "customresourcedefinitions");

const written = z.looseObject({ kind: z.string(), metadata: z.looseObject({ name: z.string() }) });

const definition = z.object({
  status: z.object({ conditions: z.array(z.object({ type: z.string(), status: z.string() })) }),
});

/** The cluster cannot be reached, or lacks something that this user may not create. */
class PrerequisiteError extends UserError {
  override readonly name = "PrerequisiteError";
}

/** The namespace of HelmReleases, as the environment sets it for the locker. Bad options of the locker also end this process. */
export function registrationNamespace(): string {
  return loadConfig().namespace;
}

/**
 * Creates what must exist before the locker starts: for Pepr's runtime the namespace and the store's CRD, and for
 * HelmReleases the namespace, and the CRDs. Leaves what exists as it is, which needs no right to create it.
 * @param kubeconfig a path; if absent `$KUBECONFIG`, else `~/.kube/config`
 * @throws PrerequisiteError, Refused
 */
export async function ensurePrerequisites(namespace: string, kubeconfig?: string): Promise<void> {
  try {
    const api = await Api.of(kubeconfig);
    try {
      await ensureAll(api, namespace);
    } finally {
      await api.close();
    }
  } catch (error) {
    if (error instanceof PrerequisiteError || error instanceof Refused) throw error;
    const from = kubeconfig ?? process.env["KUBECONFIG"] ?? "~/.kube/config";
    const advice = `The cluster of ${from} cannot be reached: set KUBECONFIG to one that can.`;
    throw new PrerequisiteError(`${advice}\n${String(error)}`, { cause: error });
  }
}

async function ensureAll(api: Api, namespace: string): Promise<void> {
  for (const name of new Set(["pepr-system", namespace]))
    await ensure(api, NAMESPACES, { apiVersion: "v1", kind: "Namespace", metadata: { name } });
  for (const crd of [peprStoreCRD, ...definitions, memoryCrd, releaseLockCrd]) {
    const live = await ensure(api, DEFINITIONS, crd);
    if (!isEstablished(live)) await until(api, `${DEFINITIONS}/${live.metadata.name}`, isEstablished);
  }
}

async function ensure(api: Api, collectionPath: string, object: unknown): Promise<KubeObject> {
  const body = written.parse(object);
  const { kind, metadata } = body;
  const path = `${collectionPath}/${metadata.name}`;
  const live = await api.get(path);
  if (live) return live;
  try {
    return await api.create(collectionPath, body);
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    // Someone else created it in between.
    if (error.status === 409) return api.read(path);
    if (error.status !== 403) throw error;
    const message = `${kind} ${metadata.name} does not exist and this user may not create it: let an administrator do it`;
    throw new PrerequisiteError(`${message} (${error.message})`, { cause: error });
  }
}

function isEstablished(object: KubeObject | undefined): boolean {
  const conditions = definition.safeParse(object).data?.status.conditions ?? [];
  return conditions.some(({ type, status }) => type === "Established" && status === "True");
}
