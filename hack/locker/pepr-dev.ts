import type { ChildProcess, SpawnOptions } from "node:child_process";
import { join } from "node:path";
import packageJson from "../../package.json";
import { freePort } from "../lib/ports";
import { bin } from "../lib/project";
import type { Supervisor } from "../lib/supervisor";

/** Preloaded into every process that `pepr dev` starts; quoted, because NODE_OPTIONS splits at spaces. */
const PRELOADED = ["loopback.cjs", "inspector.cjs"].map(
  file => `--require=${JSON.stringify(join(__dirname, file))}`,
);

/** Where `pepr dev` runs. */
export interface DevOptions {
  kubeconfig: string;
  /** The folder of the module's sources. */
  cwd: string;
  stdio: SpawnOptions["stdio"];
  /** Added to Node's own options, which are passed on. */
  nodeOptions?: string[];
}

/** Starts `pepr dev`: the module from source, rebuilt and restarted after each change, with its inspector open on 127.0.0.1. */
export async function spawnPeprDev(supervisor: Supervisor, options: DevOptions): Promise<ChildProcess> {
  const { kubeconfig, cwd, stdio, nodeOptions = [] } = options;
  const NODE_OPTIONS = [process.env["NODE_OPTIONS"], ...nodeOptions, ...PRELOADED].filter(Boolean).join(" ");
  return supervisor.spawn(bin("pepr"), ["dev", "--host", "localhost", "--yes"], {
    cwd,
    stdio: stdio ?? "inherit",
    env: {
      ...process.env,
      ...packageJson.pepr.env,
      KUBECONFIG: kubeconfig,
      NODE_OPTIONS,
      PORT: String(await freePort()),
    },
  });
}
