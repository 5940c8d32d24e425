import { join } from "node:path";
import { foreground, type Supervisor } from "./supervisor";

/** The project's top folder. */
export const ROOT = join(__dirname, "..", "..");

/** Where everything built from the project's own sources goes. */
export const DIST = join(ROOT, "dist");

/** The path of a command in node_modules. */
export function bin(command: string): string {
  return join(ROOT, "node_modules", ".bin", command);
}

/**
 * Runs a command of node_modules in the foreground.
 * @param env added to this process's environment
 * @returns its exit code
 */
export function runTool(
  supervisor: Supervisor,
  [command, ...args]: [string, ...string[]],
  env: NodeJS.ProcessEnv = {},
): Promise<number> {
  const child = supervisor.spawn(bin(command), args, {
    cwd: ROOT,
    stdio: ["ignore", "inherit", "inherit"],
    env: { ...process.env, ...env },
  });
  return foreground(child);
}
