import { mkdir, readdir, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { cacheKey } from "../cache";
import { cached } from "../cached";
import { run } from "../command";

/** catatonit is what a Pod's sandbox runs: a static binary that waits, and reaps what is left behind, as Podman uses it. */
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
 * @throws CommandError when the machine's package sources do not have it
 */
export async function containerRuntime(): Promise<ContainerRuntime> {
  const release = await readFile("/etc/os-release");
  const root = await cached({
    path: join("runtime", cacheKey([...PACKAGES, release, process.arch])),
    line: "downloading a container runtime, once, some seconds",
    build: unpack,
  });
  return {
    path: [join(root, "usr/bin"), join(root, "usr/sbin")],
    cni: join(root, "usr/lib/cni"),
    catatonit: join(root, "usr/bin/catatonit"),
  };
}

/** Uses package lists of its own, so that the machine's stay as they are. */
async function unpack(output: string): Promise<void> {
  const folder = join(dirname(output), "packages");
  await mkdir(join(folder, "lists", "partial"), { recursive: true });
  const options = { cwd: folder, env: process.env };
  const lists = ["-o", `Dir::State::lists=${join(folder, "lists")}`, "-o", "Dir::Cache::pkgcache=", "-q"];
  await run("apt-get", [...lists, "update"], options);
  await run("apt-get", [...lists, "download", ...PACKAGES], options);
  for (const name of await readdir(folder)) {
    if (name.endsWith(".deb")) await run("dpkg-deb", ["--extract", join(folder, name), output], options);
  }
}
