import { join } from "node:path";

/**
 * The environment in which kubectl and helm work for one cluster: this process' own, with the cluster's kubeconfig, and their
 * caches and settings in the cluster's folder.
 */
export function toolEnvironment(directory: string, kubeconfig: string): NodeJS.ProcessEnv {
  return {
    ...withoutHelmSettings(process.env),
    KUBECONFIG: kubeconfig,
    KUBECACHEDIR: join(directory, "kubectl-cache"),
    HELM_CACHE_HOME: join(directory, "helm", "cache"),
    HELM_CONFIG_HOME: join(directory, "helm", "config"),
    HELM_DATA_HOME: join(directory, "helm", "data"),
  };
}

/** A user's own HELM_NAMESPACE, HELM_DRIVER or HELM_KUBETOKEN is not meant for this cluster. */
function withoutHelmSettings(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith("HELM_")));
}
