import { spawn, type ChildProcessByStdio } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Writable } from "node:stream";
import type { CommandLine } from "./command";

/** Where groups are made, and their files: those of cgroup v1, then those of v2. */
const VERSIONS = [
  {
    root: "/sys/fs/cgroup/memory",
    limit: "memory.limit_in_bytes",
    peak: "memory.max_usage_in_bytes",
    events: "memory.oom_control",
  },
  { root: "/sys/fs/cgroup", limit: "memory.max", peak: "memory.peak", events: "memory.events" },
];

/** Waits until its owner has ended, however that happens, and then until the group is empty: only then can it be removed. */
const REMOVAL = `
while read -r _; do :; done
attempts=300
while [ $attempts -gt 0 ] && [ -d "$1" ]; do
  rmdir "$1" 2>/dev/null || sleep 0.1
  attempts=$((attempts - 1))
done
`;

const ENTER = 'echo $$ > "$1"/cgroup.procs && shift && exec "$@"';

/** A cgroup in which processes have as much memory as a container with that limit: beyond it, the kernel kills one. */
export class MemoryGroup {
  readonly #directory: string;
  readonly #files: (typeof VERSIONS)[number];
  readonly #removal: ChildProcessByStdio<Writable, null, null>;

  private constructor(directory: string, files: (typeof VERSIONS)[number]) {
    this.#directory = directory;
    this.#files = files;
    this.#removal = spawn("sh", ["-c", REMOVAL, "removal", directory], {
      stdio: ["pipe", "ignore", "ignore"],
      detached: true,
    });
  }

  /** Makes a group. @param limit in bytes @returns undefined where that is not possible: it needs root on Linux */
  static open(limit: number): MemoryGroup | undefined {
    for (const files of VERSIONS) {
      const directory = join(files.root, `helm-locker-${process.pid}-${Date.now()}`);
      try {
        mkdirSync(directory);
      } catch {
        continue;
      }
      if (existsSync(join(directory, files.limit))) {
        writeFileSync(join(directory, files.limit), String(limit));
        return new MemoryGroup(directory, files);
      }
      rmdirSync(directory);
    }
    return undefined;
  }

  /** The command line that runs another one in the group. */
  enter(commandLine: CommandLine): CommandLine {
    return ["sh", "-c", ENTER, "enter", this.#directory, ...commandLine];
  }

  /** The most memory that was used in the group, in bytes. */
  get peak(): number {
    return Number(this.#read(this.#files.peak));
  }

  /** How many processes were killed for want of memory. */
  get kills(): number {
    return Number(/^oom_kill (\d+)$/m.exec(this.#read(this.#files.events))?.[1]);
  }

  /** Removes the group once it is empty. */
  async close(): Promise<void> {
    const removed = once(this.#removal, "exit");
    this.#removal.stdin.end();
    await removed;
  }

  #read(file: string): string {
    return readFileSync(join(this.#directory, file), "utf8");
  }
}
