import { lockerCommand } from "../artifacts/command";
import { REGISTRATION_NAMESPACE } from "../locker/helm-release";
import type { Sandbox } from "./sandbox";
import type { Screen } from "./screen";

/** A command in the user's shell. */
type Tool = "kubectl" | "helm" | "helm-locker";

/** The user's shell: shows each command that it runs, and then its output. */
export class Shell {
  /** Scope of the commands about the release's objects, and of those about the HelmRelease. */
  readonly inNamespace: readonly string[];
  readonly inRegistration: readonly string[];
  readonly #sandbox: Sandbox;
  readonly #screen: Screen;
  readonly #signal: AbortSignal;

  /** @param signal once aborted, the command under way rejects with its reason */
  constructor(sandbox: Sandbox, screen: Screen, signal: AbortSignal) {
    this.#sandbox = sandbox;
    this.#screen = screen;
    this.#signal = signal;
    this.inNamespace = ["-n", sandbox.namespace];
    this.inRegistration = ["-n", sandbox.registrationNamespace];
  }

  /** @throws CommandError */
  kubectl(args: string[], input?: string): Promise<void> {
    return this.#run("kubectl", args, { input });
  }

  /** Shows only the part of helm's output that says how it went. @throws CommandError */
  helm(args: string[]): Promise<void> {
    return this.#run("helm", args, {
      excerpt: output =>
        output
          .split("\n")
          .filter(line => /^(STATUS|REVISION):/.test(line))
          .join("\n"),
    });
  }

  /** A verb of helm-locker about the release's namespace. @throws CommandError */
  helmLocker(verb: string, ...args: string[]): Promise<void> {
    return this.#run("helm-locker", [verb, ...args, ...this.#whereRegistered()]);
  }

  /** Runs kubectl without showing it. @throws CommandError */
  async quietly(args: string[]): Promise<void> {
    await this.#sandbox.tools.kubectl(args);
    this.#signal.throwIfAborted();
  }

  /** helm-locker looks in the default namespace by itself. */
  #whereRegistered(): string[] {
    const { registrationNamespace } = this.#sandbox;
    return registrationNamespace === REGISTRATION_NAMESPACE
      ? []
      : ["--registration-namespace", registrationNamespace];
  }

  async #run(
    tool: Tool,
    args: string[],
    {
      input,
      excerpt = output => output,
    }: { input?: string | undefined; excerpt?: (output: string) => string } = {},
  ): Promise<void> {
    this.#screen.command(tool, args, input);
    const { tools } = this.#sandbox;
    const output = await (tool === "helm-locker"
      ? tools.run([process.execPath, await lockerCommand(), ...args])
      : tools[tool](args, { input }));
    this.#signal.throwIfAborted();
    this.#screen.output(excerpt(output));
  }
}
