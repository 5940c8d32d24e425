import type { ChildProcess, SpawnOptions } from "node:child_process";
import { join } from "node:path";
import packageJson from "../../package.json";
import { cacheDirectory } from "../lib/cache";
import { standaloneModule } from "../artifacts/module";
import { freePort } from "../lib/ports";
import type { Supervisor } from "../lib/supervisor";

/** Node's flags for a locker, wherever it runs: what keeps its memory small came at no cost seen. The nursery is in megabytes. */
export const RUNTIME_FLAGS = ["--optimize-for-size", "--max-semi-space-size=2", "--v8-pool-size=1"];

/** Bytes: glibc gives freed memory of this size back at once, where it would else keep what the start needed. */
export const RUNTIME_ENV = { MALLOC_TRIM_THRESHOLD_: "65536", MALLOC_MMAP_THRESHOLD_: "65536" };

/**
 * Starts the bundled locker under Pepr's real runtime, as the watcher that its image would run.
 * @param env added to this process' environment
 */
export async function spawnRuntime(
  supervisor: Supervisor,
  env: NodeJS.ProcessEnv,
  stdio: SpawnOptions["stdio"],
): Promise<ChildProcess> {
  const module = await standaloneModule();
  return supervisor.spawn(process.execPath, [...RUNTIME_FLAGS, module], {
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
