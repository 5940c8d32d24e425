import { basename } from "node:path";
import { binaries, type RunOptions } from "../control-plane";
import { readAuditLog, type AuditEvent } from "../control-plane/audit";
import type { CommandLine, PodCluster } from "../pod-cluster";
import { Supervisor } from "../../lib/supervisor";
import { UserError } from "../../lib/task";
import { Cgroups } from "./cgroups";
import { importImage } from "./containerd";
import { pauseImage } from "../../artifacts/image/pause";
import { Namespaces } from "./namespaces";
import { realNodeObstacle } from "./obstacle";
import { podMemory, type PodMemory } from "./memory";
import type { NodeParts } from "./parts";
import { containerRuntime } from "../../artifacts/container-runtime";
import { auditLogFile } from "./servers";
import { startServers, type Binaries, type RunningNode } from "./start";
import { Tools } from "./tools";

export { realNodeObstacle } from "./obstacle";
export { PAUSE_IMAGE } from "../../artifacts/image/pause";
export type { PodMemory } from "./memory";

/**
 * A Kubernetes cluster of one's own with one node that runs Pods: containerd, kubelet and a control plane, in
 * namespaces of their own. Nothing of it listens on the machine, whose network, mounts and settings stay as they are.
 * Its kubeconfig is good in the node's network only, in which its commands are run.
 */
export interface RealNode extends PodCluster {
  /** The command line that runs another one in the node's network: what has to run beside others. */
  enterNetwork(commandLine: CommandLine): CommandLine;
  /** Every request answered so far, writes with their bodies. */
  auditLog(): Promise<AuditEvent[]>;
  /** What a running Pod, all its processes together, needs of the memory. */
  podMemory(namespace: string, name: string): Promise<PodMemory>;
  /** Ends kubelet, containerd and every process of a Pod at once, as if the node lost its power; the control plane stays. */
  stopNode(): Promise<void>;
  /** Starts kubelet and containerd with what they had on disk. @throws ServerStartError */
  startNode(): Promise<void>;
}

/** The machine cannot host a node; the message says why. */
export class RealNodeError extends UserError {
  override readonly name = "RealNodeError";
}

/**
 * Starts a cluster with one node and waits until that is ready, after building and unpacking its binaries where that was
 * not done before. Any number can run at once; each ends with this process, however that ends.
 * @throws RealNodeError, GoBuildError, CommandError, ServerStartError
 */
export async function startRealNode(): Promise<RealNode> {
  const obstacle = realNodeObstacle();
  if (obstacle !== undefined) throw new RealNodeError(`This machine cannot host a node: ${obstacle}.`);
  const bin: Binaries = {
    controlPlane: await binaries("controlPlane"),
    controllerManager: await binaries("controllerManager"),
    node: await binaries("node"),
  };
  const runtime = await containerRuntime();
  const pause = await pauseImage(runtime);
  const supervisor = new Supervisor("helm-locker-node");
  const cgroups = new Cgroups(basename(supervisor.directory));
  let namespaces: Namespaces | undefined;
  try {
    namespaces = await Namespaces.open(supervisor, runtime.catatonit);
    const running = await startServers({ supervisor, namespaces, cgroups, runtime, bin, pause });
    return new NamespacedNode(running, new Tools(running.parts, bin.controlPlane));
  } catch (error) {
    await end(supervisor, cgroups, namespaces);
    throw error;
  }
}

class NamespacedNode implements RealNode {
  readonly directory: string;
  readonly kubeconfig: string;
  readonly #running: RunningNode;
  readonly #tools: Tools;

  constructor(running: RunningNode, tools: Tools) {
    this.directory = running.parts.directory;
    this.kubeconfig = running.parts.kubeconfig;
    this.#running = running;
    this.#tools = tools;
  }

  run(commandLine: CommandLine, options?: RunOptions): Promise<string> {
    return this.#tools.run(commandLine, options);
  }

  kubectl(args: string[], options?: RunOptions): Promise<string> {
    return this.#tools.kubectl(args, options);
  }

  helm(args: string[], options?: RunOptions): Promise<string> {
    return this.#tools.helm(args, options);
  }

  helm4(args: string[], options?: RunOptions): Promise<string> {
    return this.#tools.helm4(args, options);
  }

  enterNetwork(commandLine: CommandLine): CommandLine {
    return this.#parts.namespaces.enterNetwork(commandLine);
  }

  importImage(archive: string): Promise<void> {
    return importImage(this.#parts, archive);
  }

  auditLog(): Promise<AuditEvent[]> {
    return readAuditLog(auditLogFile(this.#parts));
  }

  async podMemory(namespace: string, name: string): Promise<PodMemory> {
    const uid = ["get", "pod", name, `--namespace=${namespace}`, "--output=jsonpath={.metadata.uid}"];
    return podMemory(this.#parts.cgroups, await this.kubectl(uid));
  }

  async stopNode(): Promise<void> {
    const { kubelet, containerd } = this.#running;
    await kubelet.stop();
    await containerd.stop();
    await this.#parts.cgroups.kill();
  }

  async startNode(): Promise<void> {
    const { kubelet, containerd } = this.#running;
    await containerd.start();
    await kubelet.start();
  }

  stop(): Promise<void> {
    const { supervisor, cgroups, namespaces } = this.#parts;
    return end(supervisor, cgroups, namespaces);
  }

  get #parts(): NodeParts {
    return this.#running.parts;
  }
}

/** In this order: folders and groups can be removed once nobody is in them. */
async function end(
  supervisor: Supervisor,
  cgroups: Cgroups,
  namespaces: Namespaces | undefined,
): Promise<void> {
  await namespaces?.close();
  await supervisor.end();
  await cgroups.remove();
}
