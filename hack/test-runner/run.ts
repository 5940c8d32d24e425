import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { binaries } from "../artifacts/binaries";
import { lockerCommand } from "../artifacts/command";
import { deploymentManifest } from "../artifacts/manifest";
import { standaloneModule } from "../artifacts/module";
import { runTool } from "../lib/project";
import type { Supervisor } from "../lib/supervisor";

/** How test files are run. */
export interface TestOptions {
  /** How many files run at a time: two cores suffice for two control planes. @default 2 */
  concurrency?: number;
  /** Added to this process's environment. */
  env?: NodeJS.ProcessEnv;
}

/** Builds what every file of integration tests would otherwise wait for, unless it is built. */
export async function buildForTests(): Promise<void> {
  await binaries("controlPlane");
  await standaloneModule();
  await deploymentManifest();
  await lockerCommand();
}

/** First builds what is missing. @returns the exit code */
export async function runIntegrationTests(
  supervisor: Supervisor,
  files: string[],
  options?: TestOptions,
): Promise<number> {
  await buildForTests();
  return runTests(supervisor, files, options);
}

/** Runs test files, after the given flags, with node's own runner, then lists skipped tests with the reasons. @returns the exit code */
export async function runTests(
  supervisor: Supervisor,
  files: string[],
  { concurrency = 2, env = {} }: TestOptions = {},
): Promise<number> {
  const skipped = join(supervisor.directory, "skipped");
  const flags = [
    "--import=tsx",
    "--test",
    `--test-concurrency=${concurrency}`,
    "--test-reporter=spec",
    "--test-reporter-destination=stdout",
    `--test-reporter=${join(__dirname, "skipped.mts")}`,
    `--test-reporter-destination=${skipped}`,
  ];
  const code = await runTool(supervisor, ["node", ...flags, ...files], env);
  const report = await readFile(skipped, "utf8");
  if (report !== "") process.stdout.write(`\nSkipped:\n${report}`);
  return code;
}
