import type { ChildProcess } from "node:child_process";
import { open, readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { kill, type Supervisor } from "../../lib/supervisor";
import { UserError } from "../../lib/task";

const START_TIMEOUT_MS = 120_000;
const POLL_MS = 50;

/** A server ended or did not become ready during its start; the message ends with its last log lines. */
export class ServerStartError extends UserError {
  override readonly name = "ServerStartError";
}

/** What defines a server: its name (also that of its log file), binary, flags, and how to ask whether it is ready. */
export interface ServerSpec {
  name: string;
  binary: string;
  flags: string[];
  isReady: () => Promise<boolean>;
}

/** One server process of the control plane; it can be stopped and started any number of times. */
export class Server {
  readonly #supervisor: Supervisor;
  readonly #spec: ServerSpec;
  readonly #logFile: string;
  #process: ChildProcess | undefined;

  constructor(supervisor: Supervisor, spec: ServerSpec) {
    this.#supervisor = supervisor;
    this.#spec = spec;
    this.#logFile = join(supervisor.directory, `${spec.name}.log`);
  }

  get running(): boolean {
    return this.#process !== undefined;
  }

  /**
   * Starts the process and waits until it is ready.
   * @throws ServerStartError
   */
  async start(): Promise<void> {
    if (this.#process !== undefined) return;
    const log = await open(this.#logFile, "a");
    this.#process = this.#supervisor.spawn(this.#spec.binary, this.#spec.flags, {
      stdio: ["ignore", log.fd, log.fd],
    });
    await log.close();
    await this.ready();
  }

  /**
   * Waits until a started server is ready.
   * @throws ServerStartError
   */
  async ready(): Promise<void> {
    const deadline = Date.now() + START_TIMEOUT_MS;
    while (!(await this.#spec.isReady())) {
      if (hasEnded(this.#process)) throw await this.#startError("ended");
      if (Date.now() > deadline)
        throw await this.#startError(`is not ready after ${START_TIMEOUT_MS / 1000} s`);
      await delay(POLL_MS);
    }
  }

  /** Kills the process, like a crash, and waits until it has ended. */
  async stop(): Promise<void> {
    if (this.#process === undefined) return;
    await kill(this.#process);
    this.#process = undefined;
  }

  async #startError(what: string): Promise<ServerStartError> {
    const lines = (await readFile(this.#logFile, "utf8")).trim().split("\n");
    return new ServerStartError(
      `${this.#spec.name} ${what}; its last log lines:\n${lines.slice(-10).join("\n")}`,
    );
  }
}

function hasEnded(child: ChildProcess | undefined): boolean {
  return child === undefined || child.exitCode !== null || child.signalCode !== null;
}
