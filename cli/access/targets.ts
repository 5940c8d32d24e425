import { KubeConfig } from "@kubernetes/client-node";
import { Credentials } from "../../capabilities/cluster/credentials";
import { Cluster } from "../../capabilities/cluster/k8s";
import { UserError } from "../errors";
import { globbed, nearest } from "./names";

/** Connections to one cluster. */
const CONNECTIONS = 10;

/** Where the client looks for a cluster if nothing names one. */
const DEFAULT_SERVER = "http://localhost:8080";

/** Which clusters a command is about, and as whom it asks them. */
export interface Access {
  /** Path of a kubeconfig; undefined: $KUBECONFIG, ~/.kube/config or, in a Pod, its ServiceAccount. */
  readonly kubeconfig?: string | undefined;
  /** Names of contexts, in which * stands for any text; empty: the current one. */
  readonly contexts: readonly string[];
  /** The user to impersonate; undefined: nobody. */
  readonly as?: string | undefined;
  /** Whether credential plugins may ask the user. @default true */
  readonly hasUser?: boolean;
}

/** One cluster. */
export interface Target {
  /** Name of the context. */
  readonly context: string;
  readonly cluster: Cluster;
  /** The context's namespace. */
  readonly namespace: string;
}

/**
 * The clusters that a command is about.
 *
 * @throws UserError if there is no such kubeconfig or context
 */
export function targetsOf(access: Access): Target[] {
  const load = loader(access);
  const config = load();
  if (config.getCurrentCluster()?.server === DEFAULT_SERVER && config.getContexts().length === 1)
    throw new UserError("there is no kubeconfig: set KUBECONFIG, or give --kubeconfig");
  return chosenContexts(config, access.contexts).map(context => ({
    context,
    cluster: clusterOf(load, context, access),
    namespace: namespaceIn(config, context),
  }));
}

/** The namespace of a context; by default, of the current one. @throws UserError if there is no such kubeconfig */
export function namespaceOf(context: string | undefined): string {
  const config = loader({ contexts: [] })();
  return namespaceIn(config, context ?? config.getCurrentContext());
}

function namespaceIn(config: KubeConfig, context: string): string {
  return config.getContextObject(context)?.namespace ?? "default";
}

/** Names of all contexts. @throws UserError if there is no such kubeconfig */
export function contextsOf(access: Access): string[] {
  return loader(access)()
    .getContexts()
    .map(({ name }) => name);
}

function loader({ kubeconfig }: Access): () => KubeConfig {
  return () => {
    const config = new KubeConfig();
    try {
      if (kubeconfig === undefined) config.loadFromDefault();
      else config.loadFromFile(kubeconfig);
    } catch (error) {
      const which = kubeconfig ?? process.env.KUBECONFIG ?? "the kubeconfig";
      throw new UserError(
        `${which} can't be read: ${error instanceof Error ? error.message : String(error)}`,
        {
          cause: error,
        },
      );
    }
    return config;
  };
}

function chosenContexts(config: KubeConfig, wanted: readonly string[]): string[] {
  const all = config.getContexts().map(({ name }) => name);
  if (wanted.length === 0) return [config.getCurrentContext()];
  const found = wanted.flatMap(glob => {
    const matching = all.filter(globbed(glob));
    if (matching.length === 0)
      throw new UserError(`no context ${glob} in the kubeconfig${nearest(glob, all)}`);
    return matching;
  });
  return [...new Set(found)];
}

function clusterOf(load: () => KubeConfig, context: string, { as, hasUser = true }: Access): Cluster {
  const credentials = () => {
    const config = load();
    config.setCurrentContext(context);
    if (as !== undefined) config.users = config.users.map(user => ({ ...user, impersonateUser: as }));
    return config;
  };
  try {
    return new Cluster(new Credentials(credentials, { hasUser }), CONNECTIONS);
  } catch (error) {
    throw new UserError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}

/**
 * The one cluster that a command is about.
 *
 * @throws UserError if the contexts are several, or there is no such kubeconfig or context
 */
export function targetOf(access: Access): Target {
  const [target, ...more] = targetsOf(access);
  if (target && more.length === 0) return target;
  const names = [target, ...more].map(each => each?.context ?? "");
  throw new UserError(`this is for one cluster at a time, and --context names ${names.join(", ")}`);
}
