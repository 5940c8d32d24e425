import type { ChildProcess, SpawnOptions } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import packageJson from "../package.json";
import { cacheDirectory } from "./cache";
import { selfSignedCertificate } from "./certificate";
import { standaloneModule } from "./module";
import { freePort } from "./ports";
import type { Supervisor } from "./supervisor";

/** Megabytes: a locker makes little garbage, and a small nursery keeps its memory small at no cost seen. */
const MAX_SEMI_SPACE = 2;

/** Node's flags for a locker, wherever it runs. */
export const RUNTIME_FLAGS = ["--optimize-for-size", `--max-semi-space-size=${MAX_SEMI_SPACE}`];

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
  const { key, certificate } = selfSignedCertificate("localhost");
  const keyFile = join(supervisor.directory, "tls.key");
  const certificateFile = join(supervisor.directory, "tls.crt");
  await Promise.all([writeFile(keyFile, key, { mode: 0o600 }), writeFile(certificateFile, certificate)]);
  const flags = [...RUNTIME_FLAGS, "--require", join(__dirname, "loopback.cjs")];
  return supervisor.spawn(process.execPath, [...flags, module], {
    stdio: stdio ?? "inherit",
    env: {
      ...process.env,
      ...packageJson.pepr.env,
      PEPR_WATCH_MODE: "true",
      PORT: String(await freePort()),
      SSL_KEY_PATH: keyFile,
      SSL_CERT_PATH: certificateFile,
      NODE_COMPILE_CACHE: join(cacheDirectory(), "compile"),
      ...env,
    },
  });
}
