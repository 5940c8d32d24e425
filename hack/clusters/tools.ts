import { delimiter, join } from "node:path";
import { binaries } from "../artifacts/binaries";
import { CommandError, run, type CommandLine } from "../lib/command";

/** How to run one command: `env` is added to the environment, `kubeconfig` replaces the cluster's, `cwd` replaces this process's folder. */
export interface RunOptions {
  input?: string | undefined;
  env?: NodeJS.ProcessEnv;
  kubeconfig?: string;
  cwd?: string;
}

/** Which tools there are, and for which cluster. */
export interface ToolsOptions {
  /** Folder of kubectl and helm 3. @default those in `$PATH` */
  bin?: string | undefined;
  /** Folder for their caches and settings. */
  directory: string;
  /** Path of the kubeconfig that they work with. */
  kubeconfig: string;
  /** The command line that runs another one in a place from which the cluster can be reached. @default that one itself */
  enter?: (commandLine: CommandLine) => CommandLine;
}

/** Runs kubectl, helm and other commands on one cluster, whatever cluster and settings the user's environment names. */
export class Tools {
  /** The folder with their caches and settings, and with all other files of a cluster that the project starts. */
  readonly directory: string;
  /** The path of the kubeconfig that they work with. */
  readonly kubeconfig: string;
  readonly #bin: string | undefined;
  readonly #enter: (commandLine: CommandLine) => CommandLine;

  constructor({ bin, directory, kubeconfig, enter = commandLine => commandLine }: ToolsOptions) {
    this.directory = directory;
    this.kubeconfig = kubeconfig;
    this.#bin = bin;
    this.#enter = enter;
  }

  /** Runs any command and returns its standard output. @throws CommandError */
  run(commandLine: CommandLine, options: RunOptions = {}): Promise<string> {
    const { input, env, kubeconfig = this.kubeconfig, cwd } = options;
    const [command, ...args] = this.#enter(commandLine);
    return run(command, args, { input, cwd, env: { ...this.env, KUBECONFIG: kubeconfig, ...env } });
  }

  /** Runs kubectl and returns its standard output. @throws CommandError */
  kubectl(args: string[], options?: RunOptions): Promise<string> {
    return this.run(["kubectl", ...args], options);
  }

  /** Runs helm 3 and returns its standard output. @throws CommandError */
  helm(args: string[], options?: RunOptions): Promise<string> {
    return this.run(["helm", ...args], options);
  }

  /** Runs helm 4, built on first use, and returns its standard output. @throws CommandError, GoBuildError */
  async helm4(args: string[], options?: RunOptions): Promise<string> {
    return this.run([join(await binaries("helm4"), "helm"), ...args], options);
  }

  /** Says whether a kubectl command ends with exit code 0. @throws CommandError if it cannot be started */
  async succeeds(...args: string[]): Promise<boolean> {
    try {
      await this.kubectl(args);
      return true;
    } catch (error) {
      if (error instanceof CommandError && error.exitCode !== undefined) return false;
      throw error;
    }
  }

  /**
   * The environment of the commands: this process's own, without the user's HELM_NAMESPACE, HELM_DRIVER or
   * HELM_KUBETOKEN, which are not meant for this cluster.
   */
  get env(): NodeJS.ProcessEnv {
    const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith("HELM_"));
    const { PATH = "" } = process.env;
    return {
      ...Object.fromEntries(inherited),
      PATH: this.#bin === undefined ? PATH : [this.#bin, PATH].join(delimiter),
      KUBECONFIG: this.kubeconfig,
      KUBECACHEDIR: join(this.directory, "kubectl-cache"),
      HELM_CACHE_HOME: join(this.directory, "helm", "cache"),
      HELM_CONFIG_HOME: join(this.directory, "helm", "config"),
      HELM_DATA_HOME: join(this.directory, "helm", "data"),
    };
  }
}
