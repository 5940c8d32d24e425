import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { ContainerRuntime } from "../../artifacts/container-runtime";
import type { Supervisor } from "../../lib/supervisor";
import { createCredentials, writeKubeconfig, type Credentials } from "../control-plane/credentials";
import type { Server } from "../control-plane/server";
import { Tools, type ToolsOptions } from "../tools";
import type { Cgroups } from "./cgroups";
import { containerd, importImage } from "./containerd";
import { kubelet, NODE_NAME } from "./kubelet";
import type { Namespaces } from "./namespaces";
import type { NodeParts } from "./parts";
import { apiServer, API_SERVER_URL, controllerManager, etcd, scheduler } from "./servers";

/** The folders of the Kubernetes binaries. */
export interface Binaries {
  controlPlane: string;
  controllerManager: string;
  node: string;
}

/** What the servers are started from. */
export interface StartOptions {
  supervisor: Supervisor;
  namespaces: Namespaces;
  runtime: ContainerRuntime;
  bin: Binaries;
  /** Path of the pause image's archive. */
  pause: string;
  cgroups: Cgroups;
}

/** What runs: all parts, the servers that every Pod needs, and how to reach them. */
export interface RunningNode {
  parts: NodeParts;
  tools: ToolsOptions;
  containerd: Server;
  kubelet: Server;
}

/** Starts all servers in the order of their dependencies, and waits until the node is ready. @throws ServerStartError, CommandError */
export async function startServers(options: StartOptions): Promise<RunningNode> {
  const { supervisor, namespaces, cgroups, runtime, bin } = options;
  const { directory } = supervisor;
  const credentials = await createCredentials(directory);
  const kubeconfig = join(directory, "kubeconfig");
  const parts = { supervisor, directory, namespaces, cgroups, runtime, kubeconfig };
  const enter: ToolsOptions["enter"] = commandLine => namespaces.enterNetwork(commandLine);
  const reach = { bin: bin.controlPlane, directory, kubeconfig, enter };
  const tools = new Tools(reach);
  const [containers] = await Promise.all([
    startContainerd(parts, options.pause),
    startControlPlane(parts, options, { credentials, tools }),
  ]);
  const node = await kubelet(parts, {
    binary: join(bin.node, "kubelet"),
    isReady: () => tools.succeeds("wait", "--for=condition=Ready", `node/${NODE_NAME}`, "--timeout=10s"),
  });
  await node.start();
  return { parts, tools: reach, containerd: containers, kubelet: node };
}

async function startContainerd(parts: NodeParts, pause: string): Promise<Server> {
  const server = await containerd(parts);
  await server.start();
  await importImage(parts, pause);
  return server;
}

async function startControlPlane(
  parts: NodeParts,
  { bin }: StartOptions,
  { credentials, tools }: { credentials: Credentials; tools: Tools },
): Promise<void> {
  await etcd(parts, join(bin.controlPlane, "server")).start();
  const binary = join(bin.controlPlane, "kube-apiserver");
  const isReady = async (): Promise<boolean> =>
    (await hasKubeconfig(parts, credentials)) && tools.succeeds("get", "--raw=/readyz");
  const api = await apiServer(parts, { binary, credentials, isReady });
  await api.start();
  await scheduler(parts, join(bin.node, "kube-scheduler")).start();
  await controllerManager(parts, {
    binary: join(bin.controllerManager, "kube-controller-manager"),
    credentials,
    // Without this ServiceAccount, no Pod is admitted there.
    isReady: () => tools.succeeds("get", "serviceaccount", "default"),
  }).start();
}

/** Writes the administrator's kubeconfig as soon as the API server has made its certificate. */
async function hasKubeconfig(parts: NodeParts, credentials: Credentials): Promise<boolean> {
  let certificate: string;
  try {
    certificate = await readFile(credentials.certificate, "utf8");
  } catch {
    return false;
  }
  if (!certificate.trimEnd().endsWith("-----END CERTIFICATE-----")) return false;
  const login = { server: API_SERVER_URL, certificate, user: "admin", token: credentials.adminToken };
  await writeKubeconfig(parts.kubeconfig, login);
  return true;
}
