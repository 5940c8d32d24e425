import { once } from "node:events";
import { createInterface } from "node:readline";
import { ROOT } from "../lib/project";
import { Supervisor } from "../lib/supervisor";

/** `npm run controller`, as a user runs it in a terminal. */
export interface Controller {
  /** The id of its process group. */
  readonly group: number;
  /** Resolves once it has logged that it is ready; rejects if it ends before. */
  readonly ready: Promise<void>;
  /** Presses Ctrl-C. */
  interrupt(): void;
  /** Ends what still runs of it. */
  end(): Promise<void>;
}

/** Runs `npm run controller` against the cluster of a kubeconfig. */
export function runController(kubeconfig: string): Controller {
  const supervisor = new Supervisor("helm-locker-controller");
  const child = supervisor.spawn("npm", ["run", "controller"], {
    cwd: ROOT,
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, HELM_LOCKER_LOG_LEVEL: "info", KUBECONFIG: kubeconfig },
  });
  const { pid, stdout } = child;
  if (pid === undefined || stdout === null) throw new Error("npm can't be started");
  const exited = once(child, "exit");
  const ready = new Promise<void>((resolve, reject) => {
    createInterface(stdout).on("line", line => {
      if (line.includes('"message":"ready"')) resolve();
    });
    exited.then(() => {
      reject(new Error("npm run controller has ended"));
    }, reject);
  });
  ready.catch(() => undefined);
  return {
    group: pid,
    ready,
    interrupt: () => process.kill(-pid, "SIGINT"),
    end: () => supervisor.end(),
  };
}
