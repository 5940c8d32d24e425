import type { ChildProcess } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, open, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { CommandLine } from "../../lib/command";
import { exitOf, sendSignal, type Supervisor } from "../../lib/supervisor";
import { ServerStartError } from "../control-plane/server";
import { API_SERVICE_IP, NODE_IP } from "./network";

const TIMEOUT_MS = 10_000;
const POLL_MS = 10;

/**
 * Kernel settings that kubelet wants, and would otherwise set for the whole machine.
 * @see https://kubernetes.io/docs/reference/config-api/kubelet-config.v1beta1/ (protectKernelDefaults)
 */
const KERNEL_SETTINGS = {
  "vm/overcommit_memory": 1,
  "vm/panic_on_oom": 0,
  "kernel/panic": 10,
  "kernel/panic_on_oops": 1,
  "kernel/keys/root_maxkeys": 1_000_000,
  "kernel/keys/root_maxbytes": 25_000_000,
};

/**
 * The script of the namespaces' first process. kubelet and the CNI plugins write to fixed paths below /run, /var/lib
 * and /var/log. Inside, the machine itself has the addresses of the node and of the Service `kubernetes`, so no
 * kube-proxy is needed.
 */
const SETUP = `
set -e
directory=$1 init=$2
for folder in /run /var/lib /var/log; do mount -t tmpfs tmpfs "$folder"; done
mkdir /var/lib/kubelet
cd "$directory/sysctl"
find . -type f | while read -r setting; do mount --bind "$setting" "/proc/sys/$setting"; done
cd /
echo node > /proc/sys/kernel/hostname
echo 1 > /proc/sys/net/ipv4/ip_forward
ip link set lo up
ip address add ${NODE_IP}/32 dev lo
ip address add ${API_SERVICE_IP}/32 dev lo
touch "$directory/namespaces.ready"
exec "$init" -P
`;

const UNSHARE = [
  "unshare",
  ...["--mount", "--pid", "--net", "--uts", "--ipc"],
  ...["--fork", "--kill-child", "--mount-proc", "--propagation", "private"],
];

/** A node's own mounts, processes, network, host name and IPC. What runs in them ends with their first process. */
export class Namespaces {
  readonly #unshare: ChildProcess;
  readonly #pid: number;

  private constructor(unshare: ChildProcess, pid: number) {
    this.#unshare = unshare;
    this.#pid = pid;
  }

  /**
   * Creates the namespaces. They end with this process, however that ends.
   * @param init path of catatonit, the first process
   * @throws ServerStartError
   */
  static async open(supervisor: Supervisor, init: string): Promise<Namespaces> {
    await writeKernelSettings(join(supervisor.directory, "sysctl"));
    const logFile = join(supervisor.directory, "namespaces.log");
    const log = await open(logFile, "w");
    const setup = ["sh", "-c", SETUP, "setup", supervisor.directory, init];
    const unshare = supervisor.spawn("setpriv", ["--pdeathsig", "KILL", "--", ...UNSHARE, ...setup], {
      stdio: ["ignore", log.fd, log.fd],
    });
    await log.close();
    const deadline = Date.now() + TIMEOUT_MS;
    while (!existsSync(join(supervisor.directory, "namespaces.ready"))) {
      if (unshare.exitCode !== null || Date.now() > deadline)
        throw new ServerStartError(
          `the node's namespaces cannot be made:\n${await readFile(logFile, "utf8")}`,
        );
      await delay(POLL_MS);
    }
    return new Namespaces(unshare, await childOf(unshare));
  }

  /** The command line that runs another one in all of the namespaces. */
  enter(commandLine: CommandLine): CommandLine {
    return this.#nsenter(["--mount", "--pid", "--net", "--uts", "--ipc"], commandLine);
  }

  /** The command line that runs another one only in the network; files and processes stay the machine's. */
  enterNetwork(commandLine: CommandLine): CommandLine {
    return this.#nsenter(["--net"], commandLine);
  }

  /** Ends everything that runs in the namespaces, and so the namespaces. */
  async close(): Promise<void> {
    // The kernel ends a first process only after all others; unshare ends after it.
    sendSignal(this.#pid, "SIGKILL");
    await exitOf(this.#unshare);
  }

  #nsenter(flags: string[], commandLine: CommandLine): CommandLine {
    return ["nsenter", "--target", String(this.#pid), ...flags, "--", ...commandLine];
  }
}

async function writeKernelSettings(directory: string): Promise<void> {
  for (const [name, value] of Object.entries(KERNEL_SETTINGS)) {
    const path = join(directory, name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, `${value}\n`);
  }
}

async function childOf({ pid }: ChildProcess): Promise<number> {
  const children = await readFile(`/proc/${String(pid)}/task/${String(pid)}/children`, "utf8");
  return Number(children.trim());
}
