import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { binaries } from "./control-plane";
import { deploymentManifest } from "./manifest";
import { standaloneModule } from "./module";
import { runTool } from "./project";
import { supervised, type Supervisor } from "./supervisor";
import { task } from "./task";

/** They need no process of their own each, which is most of what they would take. */
const UNIT_TESTS = ["--test-isolation=none", "capabilities/**/*.test.ts", "crds/**/*.test.ts"];
const INTEGRATION_TESTS = ["hack/**/*.test.ts", "test/*.test.ts", "test/support/**/*.test.ts"];

/** How many test files run at a time: two cores carry two control planes. */
const CONCURRENCY = 2;

interface Step {
  headline: string;
  run: (supervisor: Supervisor) => Promise<number>;
}

const EVERYTHING: Step[] = [
  { headline: "Types", run: supervisor => runTool(supervisor, ["tsc", "--noEmit"]) },
  { headline: "Lint", run: supervisor => runTool(supervisor, ["eslint", "."]) },
  { headline: "Format", run: supervisor => runTool(supervisor, ["prettier", "--check", "."]) },
  { headline: "Unit tests", run: supervisor => runTests(supervisor, UNIT_TESTS) },
  { headline: "Integration tests", run: supervisor => runIntegrationTests(supervisor, INTEGRATION_TESTS) },
];

/** `npm test` checks and tests everything, up to the first step that fails; `npm test -- FILE...` runs these test files. */
task(() =>
  supervised("helm-locker-test", async supervisor => {
    const files = process.argv.slice(2);
    const given = { headline: files.join(" "), run: () => runIntegrationTests(supervisor, files) };
    for (const { headline, run } of files.length > 0 ? [given] : EVERYTHING) {
      process.stdout.write(`\n== ${headline}\n`);
      const code = await run(supervisor);
      if (code !== 0) {
        process.stdout.write(`\n== ${headline}: failed\n`);
        return code;
      }
    }
    return 0;
  }),
);

/** Builds first what every file would else wait for. */
async function runIntegrationTests(supervisor: Supervisor, files: string[]): Promise<number> {
  await binaries("controlPlane");
  await standaloneModule();
  await deploymentManifest();
  return runTests(supervisor, files);
}

/** Runs test files, with flags before them, under node's own runner, then names what they skipped, and why. */
async function runTests(supervisor: Supervisor, files: string[]): Promise<number> {
  const skipped = join(supervisor.directory, "skipped");
  const code = await runTool(supervisor, [
    "node",
    "--import=tsx",
    "--test",
    `--test-concurrency=${CONCURRENCY}`,
    "--test-reporter=spec",
    "--test-reporter-destination=stdout",
    `--test-reporter=${join(__dirname, "skipped.mts")}`,
    `--test-reporter-destination=${skipped}`,
    ...files,
  ]);
  const report = await readFile(skipped, "utf8");
  if (report !== "") process.stdout.write(`\nSkipped:\n${report}`);
  return code;
}
