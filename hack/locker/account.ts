import { readFile } from "node:fs/promises";
import { parseAllDocuments } from "yaml";
import { z } from "zod";
import { deploymentManifest } from "../artifacts/manifest";
import type { ControlPlane } from "../clusters/control-plane";
import { ensurePrerequisites, registrationNamespace } from "./prerequisites";

const RIGHTS = ["Namespace", "ServiceAccount", "ClusterRole", "ClusterRoleBinding", "Role", "RoleBinding"];

const manifestObject = z.looseObject({
  kind: z.string(),
  metadata: z.looseObject({ name: z.string(), namespace: z.string().optional() }),
});

/**
 * Applies the part of the built deployment that gives the locker its rights, and the namespaces that it needs, but not
 * its Pods.
 * @returns path of a kubeconfig whose user is the deployment's ServiceAccount: whoever uses it has exactly the rights
 * of a deployed locker
 */
export async function deployedServiceAccount(controlPlane: ControlPlane): Promise<string> {
  const documents = parseAllDocuments(await readFile(await deploymentManifest(), "utf8"));
  const objects = documents.map(document => manifestObject.parse(document.toJS()));
  const rights = objects.filter(({ kind }) => RIGHTS.includes(kind));
  const serviceAccount = rights.find(({ kind }) => kind === "ServiceAccount")?.metadata;
  if (serviceAccount?.namespace === undefined) throw new Error("the built manifest has no ServiceAccount");
  await ensurePrerequisites(registrationNamespace(), controlPlane.kubeconfig);
  const list = { apiVersion: "v1", kind: "List", items: rights };
  await controlPlane.kubectl(["apply", "--server-side", "-f", "-"], { input: JSON.stringify(list) });
  return controlPlane.kubeconfigOf(serviceAccount.namespace, serviceAccount.name);
}
