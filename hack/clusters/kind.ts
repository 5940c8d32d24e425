import { spawnSync } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { binaries } from "../artifacts/binaries";
import { run } from "../lib/command";
import type { PodCluster } from "./pod-cluster";
import { Tools } from "./tools";

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
  const cluster = new KindCluster({ bin, directory, kubeconfig: join(directory, "kubeconfig") });
  try {
    await cluster.create();
    return cluster;
  } catch (error) {
    await cluster.stop();
    throw error;
  }
}

class KindCluster extends Tools implements PodCluster {
  async create(): Promise<void> {
    await this.#kind("create", "cluster", "--wait=120s", `--kubeconfig=${this.kubeconfig}`);
  }

  async importImage(archive: string): Promise<void> {
    await this.#kind("load", "image-archive", archive);
  }

  async stop(): Promise<void> {
    await this.#kind("delete", "cluster", `--kubeconfig=${this.kubeconfig}`);
    await rm(this.directory, { recursive: true, force: true });
  }

  #kind(...args: string[]): Promise<string> {
    // The random ending of a folder may have capital letters, which kind refuses.
    const name = basename(this.directory).toLowerCase();
    return run("kind", [...args, `--name=${name}`], { env: process.env });
  }
}
