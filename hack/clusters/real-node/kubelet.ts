import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Server } from "../control-plane/server";
import { containerdSocket } from "./containerd";
import { NODE_IP } from "./network";
import { nodeServer, type NodeParts } from "./parts";

/** The node's name. */
export const NODE_NAME = "node";

/** What kubelet needs besides the needs of all servers. */
export interface KubeletOptions {
  binary: string;
  /** Says whether the API server reports the node as ready. */
  isReady: () => Promise<boolean>;
}

/** kubelet: runs the Pods that the scheduler gives to this node. */
export async function kubelet(parts: NodeParts, options: KubeletOptions): Promise<Server> {
  const { directory, kubeconfig } = parts;
  const config = join(directory, "kubelet.json");
  const resolvConf = join(directory, "resolv.conf");
  await writeFile(resolvConf, "nameserver 127.0.0.1\n");
  const settings = {
    ...configuration(parts),
    resolvConf,
    maxOpenFiles: await openFilesLimit(),
  };
  await writeFile(config, JSON.stringify(settings, undefined, 2));
  return nodeServer(parts, {
    name: "kubelet",
    commandLine: parts.cgroups.enter([
      options.binary,
      `--config=${config}`,
      `--kubeconfig=${kubeconfig}`,
      `--hostname-override=${NODE_NAME}`,
      `--node-ip=${NODE_IP}`,
      `--root-dir=${join(directory, "kubelet")}`,
    ]),
    isReady: options.isReady,
  });
}

/** @see https://kubernetes.io/docs/reference/config-api/kubelet-config.v1beta1/ */
function configuration(parts: NodeParts): object {
  return {
    apiVersion: "kubelet.config.k8s.io/v1beta1",
    kind: "KubeletConfiguration",
    failCgroupV1: false,
    cgroupDriver: "cgroupfs",
    cgroupRoot: `/${parts.cgroups.name}`,
    failSwapOn: false,
    containerRuntimeEndpoint: `unix://${containerdSocket(parts)}`,
    // Only programs in the node's own network can reach it.
    authentication: { anonymous: { enabled: true }, webhook: { enabled: false } },
    authorization: { mode: "AlwaysAllow" },
    // The machine is shared: its use by others is no reason to evict Pods or to remove images.
    evictionHard: {
      "memory.available": "10Mi",
      "nodefs.available": "0%",
      "nodefs.inodesFree": "0%",
      "imagefs.available": "0%",
      "imagefs.inodesFree": "0%",
    },
    imageGCHighThresholdPercent: 100,
    oomScoreAdj: 0,
    podLogsDir: join(parts.directory, "pod-logs"),
    clusterDomain: "cluster.local",
  };
}

/** kubelet sets its own limit of open files, and may not raise it above this process's limit. */
async function openFilesLimit(): Promise<number> {
  const limits = await readFile("/proc/self/limits", "utf8");
  return Number(/^Max open files\s+\d+\s+(\d+)/m.exec(limits)?.[1]);
}
