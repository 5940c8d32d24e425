import { join } from "node:path";
import { isAvailable, unpacked, type Packages } from "./debian";

/** catatonit runs in a Pod's sandbox: a static binary that waits and reaps orphaned processes, as Podman uses it. */
const RUNTIME: Packages = {
  folder: "runtime",
  packages: ["containerd", "runc", "containernetworking-plugins", "catatonit"],
  line: "downloading a container runtime, once, some seconds",
};

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
  const root = await unpacked(RUNTIME);
  return {
    path: [join(root, "usr/bin"), join(root, "usr/sbin")],
    cni: join(root, "usr/lib/cni"),
    catatonit: join(root, "usr/bin/catatonit"),
  };
}

/** Says whether the runtime is already unpacked, or the machine's package sources have it. Asking them takes some seconds. */
export function hasContainerRuntime(): boolean {
  return isAvailable(RUNTIME);
}
