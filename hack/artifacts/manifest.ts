import { existsSync } from "node:fs";
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { run } from "../lib/command";
import { withProgress } from "../lib/progress";
import { bin, DIST, ROOT } from "../lib/project";
import { MODULE_INPUTS, upToDate } from "../lib/stale";
import { UserError } from "../lib/task";
import { assertFitsSecret } from "./module-secret";

const OUTPUT = "pepr-module-helm-locker.yaml";

/** Pepr's own chart: always version 0.1.0 and in pepr-system, without our CRD. hack/artifacts/chart.ts builds ours. */
const PEPRS_CHART = "helm-locker-chart";

/** The module as Pepr bundles it. */
const MODULE = join(DIST, "pepr-helm-locker.js");

/** `pepr build` made no manifest; the message ends with its output. */
class ManifestError extends UserError {
  override readonly name = "ManifestError";
}

/**
 * Builds the deployment with Pepr (manifest and module in dist/), if its sources have changed, and returns the
 * manifest's path.
 * @throws ManifestError, ModuleSizeError, CommandError
 */
export function deploymentManifest(): Promise<string> {
  return upToDate({
    output: OUTPUT,
    inputs: MODULE_INPUTS,
    build: () => withProgress("building the deployment with Pepr, about a minute", build),
  });
}

async function build(): Promise<void> {
  const manifest = join(DIST, OUTPUT);
  await Promise.all([manifest, MODULE].map(file => rm(file, { force: true })));
  const output = await peprBuild();
  // If the module does not compile, `pepr build` ends with exit code 0, but makes no manifest.
  if (!existsSync(manifest)) throw new ManifestError(`pepr build made no dist/${OUTPUT}:\n${output.trim()}`);
  await rm(join(DIST, PEPRS_CHART), { recursive: true, force: true });
}

async function peprBuild(): Promise<string> {
  try {
    return await run(process.execPath, [bin("pepr"), "build"], { cwd: ROOT, env: process.env });
  } catch (error) {
    // Pepr says that a module is over the limit, but not by how much.
    if (existsSync(MODULE)) assertFitsSecret(await readFile(MODULE));
    throw error;
  }
}
