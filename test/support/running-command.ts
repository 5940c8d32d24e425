import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { lockerCommand } from "../../hack/artifacts/command";
import { patiently } from "../../hack/lib/patience";
import type { Printed } from "./command";

/** The built command while it runs. */
export class RunningCommand {
  readonly #child: ChildProcess;
  readonly #ended: Promise<unknown>;
  #stdout = "";
  #stderr = "";
  #look: () => void = () => undefined;

  private constructor(child: ChildProcess) {
    this.#child = child;
    this.#ended = once(child, "close");
    child.stdout?.setEncoding("utf8").on("data", (text: string) => {
      this.#stdout += text;
      this.#look();
    });
    child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      this.#stderr += text;
      this.#look();
    });
  }

  static async start(kubeconfig: string, ...args: string[]): Promise<RunningCommand> {
    const env = { ...process.env, KUBECONFIG: kubeconfig };
    return new RunningCommand(spawn(process.execPath, [await lockerCommand(), ...args], { env }));
  }

  /** Waits until it has printed something. */
  async until(isPrinted: (printed: Omit<Printed, "code">) => boolean, what: string): Promise<void> {
    const printed = new Promise<void>(resolve => {
      this.#look = () => {
        if (isPrinted({ stdout: this.#stdout, stderr: this.#stderr })) resolve();
      };
      this.#look();
    });
    await this.#inTime(printed, what);
  }

  /** Waits for its end. @param signal sent before */
  async end(signal?: NodeJS.Signals): Promise<Printed> {
    if (signal) this.#child.kill(signal);
    await this.#inTime(this.#ended, "the command's end");
    return { stdout: this.#stdout, stderr: this.#stderr, code: this.#child.exitCode };
  }

  /** What does not come about ends the command, for which the test would wait. */
  async #inTime(awaited: Promise<unknown>, what: string): Promise<void> {
    try {
      await patiently(awaited, what);
    } catch (error) {
      this.#child.kill("SIGKILL");
      throw error;
    }
  }
}
