import { spawnSync } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { binaries } from "../artifacts/binaries";
import { run } from "../lib/command";
import type { PodCluster } from "./pod-cluster";
import { Tools } from "./tools";

/** Commands that end with 0 if a cluster can be created, and the obstacle if they do not. */
const NEEDED: [command: string, arg: string, obstacle: string][] = [
  ["kind", "version", "kind is not installed"],
  ["docker", "info", "no Docker engine runs"],
];

/** Says why kind cannot create a cluster on this machine; undefined if it can. */
export function kindObstacle(): string | undefined {
  return NEEDED.find(([command, arg]) => spawnSync(command, [arg]).status !== 0)?.[2];
}

/**
 * Creates a cluster with kind, under its own name, and waits until its node is ready; `$KIND_IMAGE` chooses the node's image.
 * The user's kubeconfig stays as it is. A killed process leaves the cluster behind: `kind get clusters` shows it.
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
    const { KIND_IMAGE } = process.env;
    const image = KIND_IMAGE === undefined ? [] : [`--image=${KIND_IMAGE}`];
    await this.#kind("create", "cluster", "--wait=120s", `--kubeconfig=${this.kubeconfig}`, ...image);
  }

  async importImage(archive: string): Promise<void> {
    await this.#kind("load", "image-archive", archive);
  }

  async stop(): Promise<void> {
    await this.#kind("delete", "cluster", `--kubeconfig=${this.kubeconfig}`);
    await rm(this.directory, { recursive: true, force: true });
  }

  #kind(...args: string[]): Promise<string> {
    // The random ending of a folder may contain capital letters, which kind refuses.
    const name = basename(this.directory).toLowerCase();
    return run("kind", [...args, `--name=${name}`], { env: process.env });
  }
}
