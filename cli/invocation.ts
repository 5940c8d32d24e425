import { basename } from "node:path";
import { UserError } from "./errors";

/** The name of Helm's plugin. */
const PLUGIN = "locker";

/** How the command is called, and what that says besides the flags. */
export interface Invocation {
  /** As a user would type it again: "helm-locker", "helm locker" or "kubectl helm-locker". */
  readonly program: string;
  /** What flags are, where they are not given. */
  readonly defaults: {
    readonly context?: readonly [string];
    readonly as?: string;
    readonly verbose?: boolean;
  };
  /** The namespace that Helm is at: the one that it was told, or that of the context. Undefined where Helm does not call. */
  readonly namespace: string | undefined;
}

/**
 * What the environment and the name of the file say of a call. Helm takes its own flags out of the arguments of a plugin, and passes them
 * as variables.
 */
export function invocationOf(file: string, environment: NodeJS.ProcessEnv): Invocation {
  if (environment.HELM_PLUGIN_NAME === PLUGIN)
    return {
      program: `helm ${PLUGIN}`,
      defaults: helmDefaults(environment),
      namespace: isSet(environment.HELM_NAMESPACE) ? environment.HELM_NAMESPACE : undefined,
    };
  const isKubectl = basename(file).startsWith("kubectl-helm_locker");
  return { program: isKubectl ? "kubectl helm-locker" : "helm-locker", defaults: {}, namespace: undefined };
}

/** --kubeconfig needs nothing: Helm passes it as KUBECONFIG. */
function helmDefaults({
  HELM_KUBECONTEXT: context,
  HELM_KUBEASUSER: as,
  HELM_DEBUG: debug,
}: NodeJS.ProcessEnv): Invocation["defaults"] {
  return {
    ...(isSet(context) && { context: [context] }),
    ...(isSet(as) && { as }),
    ...(debug === "true" && { verbose: true }),
  };
}

/** Flags of Helm that lead to another cluster, or to other rights, than the kubeconfig says. */
const NOT_KNOWN = {
  HELM_KUBEAPISERVER: "--kube-apiserver",
  HELM_KUBEASGROUPS: "--kube-as-group",
  HELM_KUBECAFILE: "--kube-ca-file",
  HELM_KUBEINSECURE_SKIP_TLS_VERIFY: "--kube-insecure-skip-tls-verify",
  HELM_KUBETLS_SERVER_NAME: "--kube-tls-server-name",
  HELM_KUBETOKEN: "--kube-token",
};

/** @throws UserError if Helm was told to go elsewhere than the command can follow */
export function assertFollows(environment: NodeJS.ProcessEnv): void {
  if (environment.HELM_PLUGIN_NAME !== PLUGIN) return;
  const [found] = Object.entries(NOT_KNOWN).filter(
    ([variable]) => isSet(environment[variable]) && environment[variable] !== "false",
  );
  if (!found) return;
  const [variable, flag] = found;
  throw new UserError(
    `helm's ${flag} ($${variable}) has no effect here: write it into a kubeconfig, and name that by --kubeconfig`,
  );
}

function isSet(value: string | undefined): value is string {
  return value !== undefined && value !== "";
}
