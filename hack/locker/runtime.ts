import type { ChildProcess, SpawnOptions } from "node:child_process";
import { join } from "node:path";
import packageJson from "../../package.json";
import { RUNTIME_ENV, RUNTIME_FLAGS, standaloneModule } from "../artifacts/module";
import { cacheDirectory } from "../lib/cache";
import type { CommandLine } from "../lib/command";
import type { MemoryGroup } from "../lib/memory-group";
import { freePort } from "../lib/ports";
import type { Supervisor } from "../lib/supervisor";
import { UserError } from "../lib/task";

/**
 * Starts the bundled locker under Pepr's real runtime, as the watcher in its image.
 *
 * @param env added to this process's environment
 * @param memory what it may have
 */
export async function spawnRuntime(
  supervisor: Supervisor,
  env: NodeJS.ProcessEnv,
  stdio: SpawnOptions["stdio"],
  memory?: MemoryGroup,
): Promise<ChildProcess> {
  const commandLine = await runtimeCommand();
  const [command, ...args] = memory?.enter(commandLine) ?? commandLine;
  return supervisor.spawn(command, args, {
    stdio: stdio ?? "inherit",
    env: { ...(await runtimeEnv()), ...env },
  });
}

/** Becomes the bundled locker: the process that calls this is the locker from then on, and nothing of it is left. */
export async function becomeRuntime(): Promise<never> {
  const [command, ...args] = await runtimeCommand();
  const env = await runtimeEnv();
  if (!process.execve) throw new UserError("a process can't become another one on this platform");
  return process.execve(command, [command, ...args], env);
}

async function runtimeCommand(): Promise<CommandLine> {
  return [process.execPath, ...RUNTIME_FLAGS, await standaloneModule()];
}

async function runtimeEnv(): Promise<NodeJS.ProcessEnv> {
  return {
    ...process.env,
    ...packageJson.pepr.env,
    ...RUNTIME_ENV,
    PEPR_WATCH_MODE: "true",
    HOST: "127.0.0.1",
    PORT: String(await freePort()),
    NODE_COMPILE_CACHE: join(cacheDirectory(), "compile"),
  };
}
