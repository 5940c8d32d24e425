import { spawn, type ChildProcessByStdio } from "node:child_process";
import { once } from "node:events";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Writable } from "node:stream";

const CGROUPS = "/sys/fs/cgroup";

/** The hierarchies of cgroup v1 in which kubelet and runc make groups. */
const CONTROLLERS = ["cpu", "cpuacct", "cpuset", "memory", "devices", "freezer", "blkio", "pids", "systemd"];

/**
 * Waits until its owner has ended, however that happens, and then until nobody is left in the groups: only then can
 * they be removed, from the leaves up. They are plain folders to nobody: `rm` cannot remove the files in them.
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

  /** Removes the groups; all that ran in them has to have ended. */
  async remove(): Promise<void> {
    if (this.#removal.exitCode !== null) return;
    const removed = once(this.#removal, "exit");
    this.#removal.stdin.end();
    await removed;
  }
}

/**
 * The hierarchies of cgroup v1 that a node needs and this machine does not have mounted where kubelet looks for them.
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
