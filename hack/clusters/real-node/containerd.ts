import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { PAUSE_IMAGE } from "../../artifacts/image/pause";
import { run } from "../../lib/command";
import type { Server } from "../control-plane/server";
import { POD_RANGE } from "./network";
import type { NodeParts } from "./parts";
import { nodeServer } from "./parts";

/** containerd's API socket. */
export function containerdSocket({ directory }: NodeParts): string {
  return join(directory, "containerd.sock");
}

/** containerd with runc, and a separate bridge for the Pods of the node. */
export async function containerd(parts: NodeParts): Promise<Server> {
  const { directory, runtime, cgroups } = parts;
  const networks = join(directory, "networks");
  await mkdir(networks);
  await writeFile(join(networks, "pods.conflist"), JSON.stringify(podNetwork(directory), undefined, 2));
  const config = join(directory, "containerd.toml");
  await writeFile(config, configuration(parts, networks));
  const path = [...runtime.path, process.env["PATH"] ?? ""].join(":");
  return nodeServer(parts, {
    name: "containerd",
    commandLine: cgroups.enter(["env", `PATH=${path}`, "containerd", "--config", config]),
    isReady: () => succeeds(ctr(parts, "version")),
  });
}

/** Loads an image, a docker-archive, into containerd. @throws CommandError */
export async function importImage(parts: NodeParts, archive: string): Promise<void> {
  await ctr(parts, "images", "import", "--snapshotter=overlayfs", archive);
}

function ctr(parts: NodeParts, ...args: string[]): Promise<string> {
  const [folder = ""] = parts.runtime.path;
  const client = [`--address=${containerdSocket(parts)}`, "--namespace=k8s.io"];
  const [command, ...rest] = parts.namespaces.enter([join(folder, "ctr"), ...client, ...args]);
  return run(command, rest);
}

async function succeeds(work: Promise<unknown>): Promise<boolean> {
  return work.then(
    () => true,
    () => false,
  );
}

/** @see https://www.cni.dev/plugins/current/main/bridge/ */
function podNetwork(directory: string): unknown {
  const ipam = {
    type: "host-local",
    dataDir: join(directory, "addresses"),
    ranges: [[{ subnet: POD_RANGE }]],
    routes: [{ dst: "0.0.0.0/0" }],
  };
  const bridge = { type: "bridge", bridge: "pods", isGateway: true, hairpinMode: true, ipam };
  return { cniVersion: "1.0.0", name: "pods", plugins: [bridge] };
}

/** @see https://github.com/containerd/containerd/blob/release/1.6/docs/cri/config.md */
function configuration({ directory, runtime }: NodeParts, networks: string): string {
  const quoted = JSON.stringify;
  const [, runcFolder = ""] = runtime.path;
  const cri = `plugins."io.containerd.grpc.v1.cri"`;
  return `
version = 2
root = ${quoted(join(directory, "containerd"))}
state = "/run/containerd"
[grpc]
  address = ${quoted(join(directory, "containerd.sock"))}
[${cri}]
  sandbox_image = ${quoted(PAUSE_IMAGE)}
  restrict_oom_score_adj = true
  disable_apparmor = true
[${cri}.cni]
  bin_dir = ${quoted(runtime.cni)}
  conf_dir = ${quoted(networks)}
[${cri}.containerd.runtimes.runc]
  runtime_type = "io.containerd.runc.v2"
[${cri}.containerd.runtimes.runc.options]
  BinaryName = ${quoted(join(runcFolder, "runc"))}
`;
}
