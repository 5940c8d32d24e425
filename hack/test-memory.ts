import { supervised } from "./lib/supervisor";
import { task } from "./lib/task";
import { runIntegrationTests } from "./test-runner/run";

/** What takes the locker's memory, in a cgroup with the chart's limit. */
const FILES = ["test/hostile.test.ts", "test/memory/*.test.ts"];

/** `npm run test:memory` runs these files one after the other, or `npm run test:memory -- FILE...` those. */
task(() =>
  supervised("helm-locker-test", supervisor => {
    const files = process.argv.slice(2);
    return runIntegrationTests(supervisor, files.length > 0 ? files : FILES, { concurrency: 1 });
  }),
);
