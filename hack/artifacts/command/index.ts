import { chmod, mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { withProgress } from "../../lib/progress";
import { DIST } from "../../lib/project";
import { MODULE_INPUTS, upToDate } from "../../lib/stale";
import { bundleCommand } from "./bundle";

const OUTPUT = "cli";

/** What the command and its packages are made from. */
export const COMMAND_INPUTS = [...MODULE_INPUTS, "cli", "hack/artifacts/command"];

/** The files beside the command, which call it by other names. */
const CALLERS = {
  /** `kubectl helm-locker`, where it is on the PATH. */
  "kubectl-helm_locker": `require("./helm-locker");`,
  /** What kubectl asks for completions. */
  "kubectl_complete-helm_locker": `process.argv.splice(2, 0, "__complete");\nrequire("./helm-locker");`,
};

/**
 * Bundles the command with all its dependencies into one file that Node 20 runs, if its sources have changed, and
 * returns its path. kubectl's plugin is in the same folder.
 */
export async function lockerCommand(): Promise<string> {
  const directory = await upToDate({
    output: OUTPUT,
    inputs: COMMAND_INPUTS,
    build: () => withProgress("bundling the command", build),
  });
  return join(directory, "helm-locker");
}

async function build(): Promise<void> {
  const directory = join(DIST, OUTPUT);
  await rm(directory, { recursive: true, force: true });
  await mkdir(directory, { recursive: true });
  await writeScript(join(directory, "helm-locker"), await bundleCommand());
  for (const [name, text] of Object.entries(CALLERS)) await writeScript(join(directory, name), text);
}

/** Writes a file that Node runs. */
async function writeScript(path: string, text: string): Promise<void> {
  await writeFile(path, `#!/usr/bin/env node\n${text.trimEnd()}\n`);
  await chmod(path, 0o755);
}
