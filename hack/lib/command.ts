import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { UserError } from "./task";

/** A command with its arguments. */
export type CommandLine = [command: string, ...args: string[]];

/** How to run one command; `env` is its whole environment, and `input` becomes its standard input. */
export interface CommandOptions {
  input?: string | undefined;
  env?: NodeJS.ProcessEnv;
  cwd?: string | undefined;
}

/** A command that could not be started (`exitCode` undefined) or did not end with exit code 0. */
export class CommandError extends UserError {
  override readonly name = "CommandError";

  constructor(
    readonly command: string,
    readonly exitCode: number | undefined,
    readonly stderr: string,
    cause: Error,
  ) {
    const outcome = exitCode === undefined ? cause.message : `exit code ${exitCode}`;
    super(`${command}: ${outcome}\n${stderr.trim()}`, { cause });
  }
}

/**
 * Runs a short command to its end and returns its standard output.
 * @throws CommandError if it does not end with exit code 0
 */
export function run(command: string, args: string[], options: CommandOptions = {}): Promise<string> {
  const { input = "", ...rest } = options;
  return new Promise((resolve, reject) => {
    const child = execFile(command, args, { ...rest, maxBuffer: Infinity }, (error, stdout, stderr) => {
      if (error === null) {
        resolve(stdout);
        return;
      }
      const exitCode = typeof error.code === "number" ? error.code : undefined;
      reject(new CommandError([command, ...args].join(" "), exitCode, stderr, error));
    });
    // A command that ends without reading its input breaks the pipe; its exit code says more than that error.
    child.stdin?.on("error", () => undefined);
    child.stdin?.end(input);
  });
}

/** Says whether a command is in a folder of `$PATH`. */
export function isOnPath(command: string): boolean {
  const folders = (process.env["PATH"] ?? "").split(delimiter);
  return folders.some(folder => existsSync(join(folder, command)));
}
