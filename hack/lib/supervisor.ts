import { spawn, type ChildProcess, type ChildProcessByStdio, type SpawnOptions } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync } from "node:fs";
import { constants, tmpdir } from "node:os";
import { join } from "node:path";
import type { Writable } from "node:stream";

/**
 * Each line that it reads replaces the list of process groups to end. The pipe closes when its owner ends, however that
 * happens, so one mechanism covers a regular end, an exception, Ctrl-C and SIGKILL, on Linux and macOS.
 */
const WATCHDOG = `
while read -r line; do groups=$line; done
[ -z "$groups" ] || kill -s KILL -- $groups 2>/dev/null
rm -rf "$1" 2>/dev/null || { sleep 1; rm -rf "$1"; }
`;

/**
 * Owns a folder and the processes that work in it. They never outlive this process: when it ends, a watchdog kills them
 * with all their children and removes the folder.
 */
export class Supervisor {
  readonly directory: string;
  readonly #watchdog: ChildProcessByStdio<Writable, null, null>;
  readonly #running = new Set<ChildProcess>();

  /** @param name the folder's name before a random ending; @param parent the folder that contains it */
  constructor(name: string, parent = tmpdir()) {
    mkdirSync(parent, { recursive: true });
    this.directory = mkdtempSync(join(parent, `${name}-`));
    this.#watchdog = spawn("sh", ["-c", WATCHDOG, "watchdog", this.directory], {
      stdio: ["pipe", "ignore", "ignore"],
      detached: true,
    });
  }

  /**
   * Starts a process in its own process group, so that Ctrl-C in the terminal reaches only this process, which then
   * ends the others in order. Children that the process leaves behind are killed when it ends.
   */
  spawn(command: string, args: string[], options: Omit<SpawnOptions, "detached"> = {}): ChildProcess {
    const child = spawn(command, args, { cwd: this.directory, ...options, detached: true });
    if (child.pid === undefined) return child;
    this.#running.add(child);
    child.once("exit", () => {
      signalGroup(child, "SIGKILL");
      this.#running.delete(child);
      this.#tellWatchdog();
    });
    this.#tellWatchdog();
    return child;
  }

  /** Kills what still runs, waits until everything has ended, and removes the folder. */
  async end(): Promise<void> {
    await Promise.all([...this.#running].map(child => kill(child)));
    if (this.#watchdog.exitCode !== null) return;
    const removed = once(this.#watchdog, "exit");
    this.#watchdog.stdin.end();
    await removed;
  }

  #tellWatchdog(): void {
    if (this.#watchdog.stdin.writable) {
      this.#watchdog.stdin.write([...this.#running].map(child => `-${String(child.pid)}`).join(" ") + "\n");
    }
  }
}

/**
 * Waits for the end of a process and returns its exit code or, as shells do, 128 plus the signal's number if a signal
 * ended it.
 * @throws the system's error if it could not be started
 */
export async function exitOf(child: ChildProcess): Promise<number> {
  if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
  return child.exitCode ?? 128 + (child.signalCode === null ? 0 : constants.signals[child.signalCode]);
}

/** Kills a process with SIGKILL and waits for its end. */
export async function kill(child: ChildProcess): Promise<void> {
  child.kill("SIGKILL");
  await exitOf(child);
}

/** Runs `work` with a supervisor that ends after it. */
export async function supervised<T>(
  name: string,
  work: (supervisor: Supervisor) => Promise<T>,
  parent?: string,
): Promise<T> {
  const supervisor = new Supervisor(name, parent);
  try {
    return await work(supervisor);
  } finally {
    await supervisor.end();
  }
}

/**
 * Waits for the end of a process that a supervisor started. If this process is asked to end (SIGTERM, SIGINT), asks
 * that process and its children to end (SIGTERM).
 */
export async function foreground(child: ChildProcess): Promise<number> {
  const handOn = (): void => {
    signalGroup(child, "SIGTERM");
  };
  process.on("SIGTERM", handOn).on("SIGINT", handOn);
  try {
    return await exitOf(child);
  } finally {
    process.off("SIGTERM", handOn).off("SIGINT", handOn);
  }
}

function signalGroup({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  if (pid !== undefined) sendSignal(-pid, signal);
}

/** Sends a signal to a process, or to a group if the number is negative; does nothing if nobody is left. */
export function sendSignal(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    // macOS says EPERM if only a group's ended leader is left.
    const isGone =
      error instanceof Error && "code" in error && ["ESRCH", "EPERM"].includes(String(error.code));
    if (!isGone) throw error;
  }
}
