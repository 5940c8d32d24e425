import type { RunOptions } from "./control-plane";

/** A command with its arguments. */
export type CommandLine = [command: string, ...args: string[]];

/** A cluster of one's own in which Pods run. */
export interface PodCluster {
  /** The folder with its files: kubeconfigs, and logs where it has any. `stop` removes it. */
  readonly directory: string;
  /** The path of a kubeconfig with all rights. */
  readonly kubeconfig: string;
  /** Runs a command that reaches the cluster with that kubeconfig, and returns its standard output. @throws CommandError */
  run(commandLine: CommandLine, options?: RunOptions): Promise<string>;
  /** Runs kubectl and returns its standard output. @throws CommandError */
  kubectl(args: string[], options?: RunOptions): Promise<string>;
  /** Runs helm 3 and returns its standard output. @throws CommandError */
  helm(args: string[], options?: RunOptions): Promise<string>;
  /** Runs helm 4, built on first use, and returns its standard output. @throws CommandError, GoBuildError */
  helm4(args: string[], options?: RunOptions): Promise<string>;
  /** Loads an image from a docker-archive, so that Pods can run it without a registry. @throws CommandError */
  importImage(archive: string): Promise<void>;
  /** Ends all of it and leaves nothing behind. */
  stop(): Promise<void>;
}
