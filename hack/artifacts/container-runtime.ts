import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { mkdir, readdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { cacheDirectory, cacheKey, cached } from "../lib/cache";
import { run } from "../lib/command";

/** catatonit runs in a Pod's sandbox: a static binary that waits and reaps orphaned processes, as Podman uses it. */
const PACKAGES = ["containerd", "runc", "containernetworking-plugins", "catatonit"];

/** Where the files of a container runtime are. */
export interface ContainerRuntime {
  /** The folders with containerd, its shim and its client, and with runc. */
  path: string[];
  /** The folder of the CNI plugins. */
  cni: string;
  catatonit: string;
}

/**
 * Debian's container runtime, unpacked into the cache once; nothing is installed.
 * @throws CommandError if the machine's package sources do not have it
 */
export async function containerRuntime(): Promise<ContainerRuntime> {
  const root = await cached({
    path: cachePath(),
    line: "downloading a container runtime, once, some seconds",
    build: unpack,
  });
  return {
    path: [join(root, "usr/bin"), join(root, "usr/sbin")],
    cni: join(root, "usr/lib/cni"),
    catatonit: join(root, "usr/bin/catatonit"),
  };
}

/** Says whether the runtime is already unpacked, or the machine's package sources have it. Asking them takes some seconds. */
export function hasContainerRuntime(): boolean {
  if (existsSync(join(cacheDirectory(), cachePath()))) return true;
  const folder = mkdtempSync(join(tmpdir(), "helm-locker-packages-"));
  try {
    mkdirSync(join(folder, "lists", "partial"), { recursive: true });
    const lists = ownLists(folder);
    const found = ["download", "--print-uris", ...PACKAGES];
    return [["update"], found].every(args => spawnSync("apt-get", [...lists, ...args]).status === 0);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function cachePath(): string {
  return join("runtime", cacheKey([...PACKAGES, readFileSync("/etc/os-release"), process.arch]));
}

/** apt-get's options for separate package lists, so that the machine's lists stay as they are. */
function ownLists(folder: string): string[] {
  return ["-o", `Dir::State::lists=${join(folder, "lists")}`, "-o", "Dir::Cache::pkgcache=", "-q"];
}

async function unpack(output: string): Promise<void> {
  const folder = join(dirname(output), "packages");
  await mkdir(join(folder, "lists", "partial"), { recursive: true });
  const options = { cwd: folder, env: process.env };
  const lists = ownLists(folder);
  await run("apt-get", [...lists, "update"], options);
  await run("apt-get", [...lists, "download", ...PACKAGES], options);
  for (const name of await readdir(folder)) {
    if (name.endsWith(".deb")) await run("dpkg-deb", ["--extract", join(folder, name), output], options);
  }
}
