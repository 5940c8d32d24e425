import { once } from "node:events";
import { z } from "zod";
import { bin } from "./lib/project";
import { parseOptions } from "./lib/options";
import { supervised } from "./lib/supervisor";
import { task } from "./lib/task";
import { buildForTests, runTests } from "./test-runner/run";

const USAGE = `usage: npm run test:busy [-- --times N] [--loops N] [--at-a-time N] [FILE...]

Runs test files again and again on a busy machine: beside processes that never rest. Stops at the first round that fails.

  --times N       how many rounds; default 20
  --loops N       how many such processes; default 4
  --at-a-time N   how many files run at a time; default 2
`;

/** What drift is, and what goes back. */
const FILES = [
  ...[
    "additions",
    "edits",
    "list-keys",
    "left-alone",
    "allocated",
    "both-drivers",
    "catalogue",
    "changed-values",
  ],
  ...["controllers", "custom-resources", "drift-property", "empty-values", "hard-cases", "immutable"],
  ...["inside-atomic", "left-empty", "moved-kinds", "nulls", "other-versions", "refused-applies"],
  ...[
    "required-fields",
    "restart-annotations",
    "siblings",
    "stored-values",
    "cli/any-drift",
    "cli/conflicts",
  ],
].map(name => `test/${name}.test.ts`);

const count = z.coerce.number().int().positive();

task(() =>
  supervised("helm-locker-test", async supervisor => {
    const {
      times,
      loops,
      "at-a-time": concurrency,
      files,
    } = parseOptions({
      usage: USAGE,
      options: { times: { type: "string" }, loops: { type: "string" }, "at-a-time": { type: "string" } },
      schema: z.object({
        times: count.default(20),
        loops: count.default(4),
        "at-a-time": count.default(2),
        files: z.array(z.string()),
      }),
      allowFiles: true,
    });
    await buildForTests();
    for (let loop = 0; loop < loops; loop++)
      await once(supervisor.spawn(bin("node"), ["-e", "for (;;);"], { stdio: "ignore" }), "spawn");
    for (let round = 1; round <= times; round++) {
      process.stdout.write(`\n== Round ${round} of ${times}, beside ${loops} busy loops\n`);
      const code = await runTests(supervisor, files.length > 0 ? files : FILES, { concurrency });
      if (code !== 0) return code;
    }
    return 0;
  }),
);
