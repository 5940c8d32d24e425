import { build } from "esbuild";
import { join } from "node:path";
import { withProgress, type OnProgress } from "../lib/progress";
import { DIST, ROOT } from "../lib/project";
import { MODULE_INPUTS, upToDate } from "../lib/stale";

const OUTPUT = "standalone.cjs";

/**
 * Bundles the locker with the Pepr runtime and all dependencies into one file, when its sources have changed, and
 * returns its path. One minified file starts in a third of the time and needs a third less memory than a module that
 * resolves its dependencies from node_modules.
 */
export function standaloneModule(onProgress?: OnProgress): Promise<string> {
  return upToDate({
    output: OUTPUT,
    inputs: [...MODULE_INPUTS, "hack/artifacts/module.ts"],
    build: () => withProgress("bundling the locker", bundle, onProgress),
  });
}

async function bundle(): Promise<void> {
  await build({
    entryPoints: [join(ROOT, "capabilities", "standalone.ts")],
    outfile: join(DIST, OUTPUT),
    bundle: true,
    platform: "node",
    format: "cjs",
    target: "node24",
    minify: true,
    keepNames: true,
    sourcemap: true,
    logLevel: "error",
  });
}
