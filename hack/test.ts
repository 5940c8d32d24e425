import { runTool } from "./lib/project";
import { supervised, type Supervisor } from "./lib/supervisor";
import { task } from "./lib/task";
import { runIntegrationTests, runTests } from "./test-runner/run";
import { runSlowTests } from "./test-runner/slow";

/** Unit tests need no separate processes, which would take most of their time. */
const UNIT_TESTS = [
  "--test-isolation=none",
  "capabilities/**/*.test.ts",
  "cli/**/*.test.ts",
  "crds/**/*.test.ts",
];
/** By how many milliseconds answers come late in one suite; `npm run test:slow` runs others, too. */
const SLOW = 600;

const INTEGRATION_TESTS = [
  "charts/*.test.ts",
  "hack/**/*.test.ts",
  "test/*.test.ts",
  "test/cli/*.test.ts",
  "test/support/**/*.test.ts",
];

interface Step {
  headline: string;
  run: (supervisor: Supervisor) => Promise<number>;
}

const EVERYTHING: Step[] = [
  { headline: "Types", run: supervisor => runTool(supervisor, ["tsc", "--noEmit"]) },
  { headline: "Lint", run: supervisor => runTool(supervisor, ["eslint", "."]) },
  { headline: "Format", run: supervisor => runTool(supervisor, ["prettier", "--check", "."]) },
  {
    headline: "Circles",
    run: supervisor => runTool(supervisor, ["depcruise", "capabilities", "cli", "crds", "hack", "test"]),
  },
  { headline: "Packages and exports", run: supervisor => runTool(supervisor, ["knip"]) },
  { headline: "Unit tests", run: supervisor => runTests(supervisor, UNIT_TESTS) },
  { headline: "Integration tests", run: supervisor => runIntegrationTests(supervisor, INTEGRATION_TESTS) },
  {
    headline: `Integration tests, each answer ${SLOW} ms late`,
    run: supervisor => runSlowTests(supervisor, ["test/phases.test.ts"], SLOW),
  },
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
