import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { hasContainerRuntime } from "../../artifacts/container-runtime";
import { isOnPath } from "../../lib/command";
import { missingControllers } from "./cgroups";

/** What a node needs on the machine besides the binaries that the project builds or unpacks. */
const COMMANDS = ["apt-get", "dpkg-deb", "ip", "ldd", "mount", "nsenter", "setpriv", "tar", "unshare"];

/** Tries out what the node's network and mounts need, in namespaces that end with it. */
const TRIAL =
  "ip link add name trial-bridge type bridge && ip link add name trial0 type veth peer name trial1 && mount -t tmpfs tmpfs /run";

/** Says why this machine cannot host a node; undefined if it can. */
export function realNodeObstacle(): string | undefined {
  return (
    obstacleOfPlatform() ??
    obstacleOfCommands() ??
    obstacleOfKernel() ??
    obstacleOfNamespaces() ??
    obstacleOfPackages()
  );
}

function obstacleOfPlatform(): string | undefined {
  if (process.platform !== "linux") return "a node runs on Linux only";
  if (process.getuid?.() !== 0) return "a node needs root";
  return undefined;
}

function obstacleOfCommands(): string | undefined {
  const missing = COMMANDS.filter(command => !isOnPath(command));
  return missing.length > 0 ? `these commands are missing: ${missing.join(", ")}` : undefined;
}

function obstacleOfKernel(): string | undefined {
  const missing = missingControllers(readFileSync("/proc/self/mountinfo", "utf8"));
  if (missing.length > 0) return `these controllers of cgroup v1 are not mounted: ${missing.join(", ")}`;
  const hasOverlay = readFileSync("/proc/filesystems", "utf8").includes("\toverlay\n");
  return hasOverlay ? undefined : "the kernel has no overlay file system";
}

function obstacleOfNamespaces(): string | undefined {
  const flags = ["--mount", "--pid", "--net", "--uts", "--ipc", "--fork", "--propagation", "private"];
  const { status, stderr } = spawnSync("unshare", [...flags, "sh", "-c", TRIAL], { encoding: "utf8" });
  return status === 0 ? undefined : `no namespaces of its own: ${stderr.trim()}`;
}

function obstacleOfPackages(): string | undefined {
  return hasContainerRuntime() ? undefined : "the package sources of this machine have no container runtime";
}
