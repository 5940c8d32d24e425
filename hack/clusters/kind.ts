import { spawnSync } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { run } from "../lib/command";
import { binaries, type RunOptions } from "./control-plane";
import { toolEnvironment } from "./tools";
import type { CommandLine, PodCluster } from "./pod-cluster";

/** Commands that end with 0 where a cluster can be made, and what to say where they do not. */
const NEEDED: [command: string, arg: string, obstacle: string][] = [
  ["kind", "version", "kind is not installed"],
  ["docker", "info", "no Docker engine runs"],
];

/** Says why kind cannot make a cluster on this machine; undefined where it can. */
export function kindObstacle(): string | undefined {
  return NEEDED.find(([command, arg]) => spawnSync(command, [arg]).status !== 0)?.[2];
}

/**
 * Makes a cluster with kind, under a name of its own, and waits until its node is ready. The kubeconfig of the user stays
 * as it is. A process that is killed leaves the cluster behind: `kind get clusters` shows it.
 * @see https://kind.sigs.k8s.io/docs/user/quick-start/
 * @throws CommandError, GoBuildError
 */
export async function startKind(): Promise<PodCluster> {
  const bin = await binaries("controlPlane");
  const directory = await mkdtemp(join(tmpdir(), "helm-locker-kind-"));
  // The random ending of a folder may have capital letters, which kind refuses.
  const cluster = new KindCluster(directory, basename(directory).toLowerCase(), bin);
  try {
    await cluster.create();
    return cluster;
  } catch (error) {
    await cluster.stop();
    throw error;
  }
}

class KindCluster implements PodCluster {
  readonly kubeconfig: string;

  constructor(
    readonly directory: string,
    private readonly name: string,
    private readonly bin: string,
  ) {
    this.kubeconfig = join(directory, "kubeconfig");
  }

  async create(): Promise<void> {
    await this.#kind("create", "cluster", "--wait=120s", `--kubeconfig=${this.kubeconfig}`);
  }

  run([command, ...args]: CommandLine, options: RunOptions = {}): Promise<string> {
    const { input, env, kubeconfig = this.kubeconfig, cwd = process.cwd() } = options;
    return run(command, args, {
      ...(input === undefined ? {} : { input }),
      cwd,
      env: { ...toolEnvironment(this.directory, kubeconfig), ...env },
    });
  }

  kubectl(args: string[], options?: RunOptions): Promise<string> {
    return this.run([join(this.bin, "kubectl"), ...args], options);
  }

  helm(args: string[], options?: RunOptions): Promise<string> {
    return this.run([join(this.bin, "helm"), ...args], options);
  }

  async helm4(args: string[], options?: RunOptions): Promise<string> {
    return this.run([join(await binaries("helm4"), "helm"), ...args], options);
  }

  async importImage(archive: string): Promise<void> {
    await this.#kind("load", "image-archive", archive);
  }

  async stop(): Promise<void> {
    await this.#kind("delete", "cluster", `--kubeconfig=${this.kubeconfig}`);
    await rm(this.directory, { recursive: true, force: true });
  }

  #kind(...args: string[]): Promise<string> {
    return run("kind", [...args, `--name=${this.name}`], { env: process.env });
  }
}
