import { basename } from "node:path";
import { binaries } from "../../artifacts/binaries";
import { containerRuntime } from "../../artifacts/container-runtime";
import { pauseImage } from "../../artifacts/image/pause";
import type { CommandLine } from "../../lib/command";
import { Supervisor } from "../../lib/supervisor";
import { UserError } from "../../lib/task";
import { readAuditLog, type AuditEvent } from "../control-plane/audit";
import type { PodCluster } from "../pod-cluster";
import { Tools } from "../tools";
import { Cgroups } from "./cgroups";
import { importImage } from "./containerd";
import { podMemory, type PodMemory } from "./memory";
import { Namespaces } from "./namespaces";
import { realNodeObstacle } from "./obstacle";
import type { NodeParts } from "./parts";
import { auditLogFile } from "./servers";
import { startServers, type Binaries, type RunningNode } from "./start";

/** The machine cannot host a node; the message says why. */
class RealNodeError extends UserError {
  override readonly name = "RealNodeError";
}

/**
 * Starts a cluster with one node and waits until the node is ready, after building and unpacking its binaries if
 * necessary. Any number can run at once; each ends with this process, however that ends.
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
    return new RealNode(await startServers({ supervisor, namespaces, cgroups, runtime, bin, pause }));
  } catch (error) {
    await end(supervisor, cgroups, namespaces);
    throw error;
  }
}

/**
 * A Kubernetes cluster with one node that runs Pods: containerd, kubelet and a control plane, in their own namespaces.
 * Nothing of it listens on the machine, whose network, mounts and settings stay as they are. Its kubeconfig works only
 * in the node's network, where its commands run.
 */
export class RealNode extends Tools implements PodCluster {
  readonly #running: RunningNode;

  constructor(running: RunningNode) {
    super(running.tools);
    this.#running = running;
  }

  /** The command line that runs another one in the node's network, for programs that run beside others. */
  enterNetwork(commandLine: CommandLine): CommandLine {
    return this.#parts.namespaces.enterNetwork(commandLine);
  }

  importImage(archive: string): Promise<void> {
    return importImage(this.#parts, archive);
  }

  /** Every request answered so far, writes with their bodies. */
  auditLog(): Promise<AuditEvent[]> {
    return readAuditLog(auditLogFile(this.#parts));
  }

  /** How much memory a running Pod needs, with all its processes. */
  async podMemory(namespace: string, name: string): Promise<PodMemory> {
    const uid = ["get", "pod", name, `--namespace=${namespace}`, "--output=jsonpath={.metadata.uid}"];
    return podMemory(this.#parts.cgroups, await this.kubectl(uid));
  }

  /** Ends kubelet, containerd and every process of a Pod at once, as if the node lost power; the control plane stays. */
  async stopNode(): Promise<void> {
    const { kubelet, containerd } = this.#running;
    await kubelet.stop();
    await containerd.stop();
    await this.#parts.cgroups.kill();
  }

  /** Starts kubelet and containerd with their data on disk. @throws ServerStartError */
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

/** In this order, because folders and groups can be removed only when they are empty. */
async function end(
  supervisor: Supervisor,
  cgroups: Cgroups,
  namespaces: Namespaces | undefined,
): Promise<void> {
  await namespaces?.close();
  await supervisor.end();
  await cgroups.remove();
}
