import { build } from "esbuild";
import { chmod } from "node:fs/promises";
import { join } from "node:path";
import { withProgress } from "../lib/progress";
import { DIST, ROOT } from "../lib/project";
import { MODULE_INPUTS, upToDate } from "../lib/stale";

const OUTPUT = "cli";

/** Bundles the command with all its dependencies into one file that Node 20 runs, if its sources have changed, and returns its path. */
export async function lockerCommand(): Promise<string> {
  const directory = await upToDate({
    output: OUTPUT,
    inputs: [...MODULE_INPUTS, "cli", "hack/artifacts/command.ts"],
    build: () => withProgress("bundling the command", bundle),
  });
  return join(directory, "helm-locker");
}

async function bundle(): Promise<void> {
  const outfile = join(DIST, OUTPUT, "helm-locker");
  await build({
    entryPoints: [join(ROOT, "cli", "main.ts")],
    outfile,
    bundle: true,
    platform: "node",
    format: "cjs",
    target: "node20",
    minify: true,
    keepNames: true,
    banner: { js: "#!/usr/bin/env node" },
    logLevel: "error",
  });
  await chmod(outfile, 0o755);
}
