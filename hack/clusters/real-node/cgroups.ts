import { spawn, type ChildProcessByStdio } from "node:child_process";
import { once } from "node:events";
import { mkdirSync } from "node:fs";
import { glob, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Writable } from "node:stream";
import { setTimeout as delay } from "node:timers/promises";
import type { CommandLine } from "../../lib/command";
import { sendSignal } from "../../lib/supervisor";

/** Where cgroup v1 is mounted. */
export const CGROUPS = "/sys/fs/cgroup";

/** The hierarchies of cgroup v1 in which kubelet and runc create groups. */
const CONTROLLERS = ["cpu", "cpuacct", "cpuset", "memory", "devices", "freezer", "blkio", "pids", "systemd"];

/**
 * Waits until its owner has ended, however that happens, and then until the groups are empty: only then can they be
 * removed, from the leaves up. `rm` cannot remove them, because it cannot remove the files in them.
 */
const REMOVAL = `
while read -r _; do :; done
attempts=300
while [ $attempts -gt 0 ]; do
  find ${CGROUPS}/*/"$1" -depth -type d -exec rmdir {} + 2>/dev/null
  ls -d ${CGROUPS}/*/"$1" >/dev/null 2>&1 || exit 0
  attempts=$((attempts - 1))
  sleep 0.1
done
exit 1
`;

/** A process stays in its parent's group: this group contains everything that a server starts, except what is put into a Pod's group. */
const ENTER = `echo $$ > ${CGROUPS}/pids/"$1"/cgroup.procs && shift && exec "$@"`;

const POLL_MS = 10;

/** The groups of one node, which are the same in every hierarchy. They are removed when their owner ends, however that happens. */
export class Cgroups {
  readonly #removal: ChildProcessByStdio<Writable, null, null>;

  constructor(readonly name: string) {
    this.#removal = spawn("sh", ["-c", REMOVAL, "cgroups", name], {
      stdio: ["pipe", "ignore", "ignore"],
      detached: true,
    });
    for (const controller of CONTROLLERS) mkdirSync(join(CGROUPS, controller, name));
  }

  /** The command line that runs another one, and its child processes, in the groups. */
  enter(commandLine: CommandLine): CommandLine {
    return ["sh", "-c", ENTER, "enter", this.name, ...commandLine];
  }

  /** Kills everything in the groups, and waits until it has ended. */
  async kill(): Promise<void> {
    for (;;) {
      const processes = await this.#processes();
      if (processes.length === 0) return;
      for (const pid of processes) sendSignal(pid, "SIGKILL");
      await delay(POLL_MS);
    }
  }

  /** Removes the groups, which must be empty. */
  async remove(): Promise<void> {
    if (this.#removal.exitCode !== null) return;
    const removed = once(this.#removal, "exit");
    this.#removal.stdin.end();
    await removed;
  }

  async #processes(): Promise<number[]> {
    const processes: number[] = [];
    for await (const file of glob(join(CGROUPS, "pids", this.name, "**", "cgroup.procs"))) {
      const text = await readFile(file, "utf8");
      processes.push(...text.split("\n").filter(Boolean).map(Number));
    }
    return processes;
  }
}

/**
 * The hierarchies of cgroup v1 that a node needs and that this machine has not mounted where kubelet looks for them.
 * @param mountInfo the text of /proc/self/mountinfo
 * @see https://man7.org/linux/man-pages/man5/proc_pid_mountinfo.5.html
 */
export function missingControllers(mountInfo: string): string[] {
  const mounted = new Set(
    mountInfo.split("\n").flatMap(line => {
      const [, , , , mountPoint] = line.split(" ");
      return mountPoint !== undefined && line.includes(" - cgroup ") ? [mountPoint] : [];
    }),
  );
  return CONTROLLERS.filter(controller => !mounted.has(join(CGROUPS, controller)));
}
