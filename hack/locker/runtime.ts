import type { ChildProcess, SpawnOptions } from "node:child_process";
import { join } from "node:path";
import packageJson from "../../package.json";
import { RUNTIME_ENV, RUNTIME_FLAGS, standaloneModule } from "../artifacts/module";
import { cacheDirectory } from "../lib/cache";
import type { CommandLine } from "../lib/command";
import type { MemoryGroup } from "../lib/memory-group";
import { freePort } from "../lib/ports";
import type { Supervisor } from "../lib/supervisor";

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
  const commandLine: CommandLine = [process.execPath, ...RUNTIME_FLAGS, await standaloneModule()];
  const [command, ...args] = memory?.enter(commandLine) ?? commandLine;
  return supervisor.spawn(command, args, {
    stdio: stdio ?? "inherit",
    env: {
      ...process.env,
      ...packageJson.pepr.env,
      ...RUNTIME_ENV,
      PEPR_WATCH_MODE: "true",
      HOST: "127.0.0.1",
      PORT: String(await freePort()),
      NODE_COMPILE_CACHE: join(cacheDirectory(), "compile"),
      ...env,
    },
  });
}
