import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { z } from "zod";
import { parsed } from "../lib/json";
import type { MemoryGroup } from "../lib/memory-group";
import { freePort } from "../lib/ports";
import { exitOf, Supervisor } from "../lib/supervisor";
import { UserError } from "../lib/task";
import { ensurePrerequisites, registrationNamespace } from "./prerequisites";
import { spawnRuntime } from "./runtime";

const logLine = z.looseObject({ message: z.string() });

/** One line of the locker's log, with all its fields. */
export type LogLine = z.infer<typeof logLine>;

/** Where the locker runs, and as which user. */
export interface LockerOptions {
  /** Path of the kubeconfig that the locker runs under. */
  kubeconfig: string;
  /** Path of the kubeconfig that its namespaces are created with. @default `kubeconfig` */
  admin?: string;
  /** Namespace of HelmReleases. @default `$HELM_LOCKER_NAMESPACE`, else cattle-helm-system */
  namespace?: string;
  /** Added to the locker's environment. */
  env?: NodeJS.ProcessEnv;
  /** The memory that it may have. @default any */
  memory?: MemoryGroup | undefined;
}

/** The locker ended before the awaited event; the message ends with its last lines. */
class LockerExitError extends UserError {
  override readonly name = "LockerExitError";
}

interface Waiting {
  fits: (line: LogLine) => boolean;
  resolve: (line: LogLine) => void;
  reject: (error: unknown) => void;
}

/**
 * A locker in its own process. It starts at once, after being bundled if its sources have changed, and ends with this
 * process at the latest. Every failure before its start rejects `ready` and `exited`.
 */
export class LockerProcess {
  /** Resolves when the locker says that everything is watched; rejects like `waitForLog`. */
  readonly ready: Promise<LogLine>;
  /** Resolves with the exit code when the locker has ended: 128 plus the signal's number if a signal ended it. */
  readonly exited: Promise<number>;
  /** Every line that the locker has logged so far. */
  readonly logs: LogLine[] = [];

  readonly #supervisor = new Supervisor("helm-locker");
  readonly #started: Promise<ChildProcess>;
  readonly #output: string[] = [];
  readonly #waiting = new Set<Waiting>();
  #pid: number | undefined;
  #port: number | undefined;

  constructor(options: LockerOptions) {
    this.#started = this.#start(options);
    this.exited = this.#exit();
    this.ready = this.waitForLog(line => line.message === "ready");
    // Nobody has to wait for these two, so their failure must not end the process.
    this.ready.catch(() => undefined);
    this.exited.catch(() => undefined);
  }

  /** The process id, from `ready` on. */
  get pid(): number {
    if (this.#pid === undefined) throw new Error("the locker has not started yet: await ready first");
    return this.#pid;
  }

  /** Where it serves probes and metrics, from `ready` on. */
  get port(): number {
    if (this.#port === undefined) throw new Error("the locker has not started yet: await ready first");
    return this.#port;
  }

  /**
   * Waits for a matching line of the log, and returns it; earlier lines also count.
   * @throws LockerExitError if the locker ends first, or what kept it from starting
   */
  waitForLog(fits: (line: LogLine) => boolean): Promise<LogLine> {
    const logged = this.logs.find(fits);
    if (logged !== undefined) return Promise.resolve(logged);
    return new Promise((resolve, reject) => {
      this.#waiting.add({ fits, resolve, reject });
      this.exited.then(code => {
        const last = this.#output.slice(-10).join("\n");
        reject(new LockerExitError(`the locker ended with exit code ${code}; its last lines:\n${last}`));
      }, reject);
    });
  }

  /** Asks the locker to end (SIGTERM) and returns its exit code. */
  stop(): Promise<number> {
    return this.#end("SIGTERM");
  }

  /** Kills the locker (SIGKILL), like a crash, and waits until it has ended. */
  kill(): Promise<number> {
    return this.#end("SIGKILL");
  }

  async #start({
    kubeconfig,
    admin = kubeconfig,
    namespace = registrationNamespace(),
    env,
    memory,
  }: LockerOptions): Promise<ChildProcess> {
    await ensurePrerequisites(namespace, admin);
    this.#port = Number(env?.PORT ?? (await freePort()));
    const lockerEnv = {
      ...env,
      PORT: String(this.#port),
      KUBECONFIG: kubeconfig,
      HELM_LOCKER_NAMESPACE: namespace,
    };
    const child = await spawnRuntime(this.#supervisor, lockerEnv, ["ignore", "pipe", "pipe"], memory);
    this.#pid = child.pid;
    this.#read(child.stdout);
    this.#read(child.stderr);
    return child;
  }

  async #exit(): Promise<number> {
    try {
      const child = await this.#started;
      // Only when its output is also closed has every line been read.
      await once(child, "close");
      return await exitOf(child);
    } finally {
      await this.#supervisor.end();
    }
  }

  async #end(signal: NodeJS.Signals): Promise<number> {
    (await this.#started).kill(signal);
    return this.exited;
  }

  #read(stream: Readable | null): void {
    if (stream !== null)
      createInterface({ input: stream }).on("line", text => {
        this.#take(text);
      });
  }

  #take(text: string): void {
    this.#output.push(text);
    const line = logLine.safeParse(parsed(text)).data;
    if (line === undefined) return;
    this.logs.push(line);
    for (const waiting of this.#waiting) {
      if (!waiting.fits(line)) continue;
      this.#waiting.delete(waiting);
      waiting.resolve(line);
    }
  }
}
