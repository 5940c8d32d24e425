import { join } from "node:path";
import { CommandError, run } from "../../lib/command";
import { binaries, type RunOptions } from "../control-plane";
import { toolEnvironment } from "../tools";
import type { CommandLine } from "../pod-cluster";
import type { Namespaces } from "./namespaces";
import type { NodeParts } from "./parts";

/** The commands that work on a node's cluster, run in the node's network. */
export class Tools {
  readonly #namespaces: Namespaces;
  readonly #env: NodeJS.ProcessEnv;
  readonly #bin: string;

  /** @param bin folder of kubectl and helm 3 */
  constructor({ namespaces, directory, kubeconfig }: NodeParts, bin: string) {
    this.#namespaces = namespaces;
    this.#bin = bin;
    this.#env = toolEnvironment(directory, kubeconfig);
  }

  /** Runs any command with the administrator's kubeconfig, and returns its standard output. @throws CommandError */
  run(
    commandLine: CommandLine,
    { input, env, kubeconfig, cwd = process.cwd() }: RunOptions = {},
  ): Promise<string> {
    const [command, ...args] = this.#namespaces.enterNetwork(commandLine);
    return run(command, args, {
      ...(input === undefined ? {} : { input }),
      cwd,
      env: { ...this.#env, ...(kubeconfig === undefined ? {} : { KUBECONFIG: kubeconfig }), ...env },
    });
  }

  kubectl(args: string[], options?: RunOptions): Promise<string> {
    return this.run([join(this.#bin, "kubectl"), ...args], options);
  }

  helm(args: string[], options?: RunOptions): Promise<string> {
    return this.run([join(this.#bin, "helm"), ...args], options);
  }

  async helm4(args: string[], options?: RunOptions): Promise<string> {
    return this.run([join(await binaries("helm4"), "helm"), ...args], options);
  }

  /** Tells whether a kubectl command ends with exit code 0. */
  async succeeds(...args: string[]): Promise<boolean> {
    try {
      await this.kubectl(args);
      return true;
    } catch (error) {
      if (error instanceof CommandError && error.exitCode !== undefined) return false;
      throw error;
    }
  }
}
