import { z } from "zod";
import { parseOptions } from "./lib/options";
import { supervised } from "./lib/supervisor";
import { task } from "./lib/task";
import { runSlowTests } from "./test-runner/slow";

const USAGE = `usage: npm run test:slow [-- --delay MILLISECONDS] [FILE...]

Shows that the locker keeps its promises where the API server is slow: every answer to the locker, and every event of
its watches, comes late.

  --delay MILLISECONDS   by how much; default 600
`;

/**
 * What is promised of races with Helm, of bursts, of faults, of neighbours, and of restarts; the longest first. What a fight is depends on the
 * pace of reverts: late answers end it.
 */
const FILES = [
  ...["hostile", "remembered", "isolation", "blindness", "endings", "capture", "neighbours", "watches"],
  ...["helm-wins", "held-up-requests", "late-creates", "phases", "bursts", "faults", "restored-backup"],
  ...["partly-refused", "large-releases", "gone-unseen", "orphans", "other-records", "hanging-conversions"],
].map(name => `test/${name}.test.ts`);

task(() =>
  supervised("helm-locker-test", async supervisor => {
    const { delay, files } = parseOptions({
      usage: USAGE,
      options: { delay: { type: "string" } },
      schema: z.object({
        delay: z.coerce.number().int().nonnegative().default(600),
        files: z.array(z.string()),
      }),
      allowFiles: true,
    });
    return runSlowTests(supervisor, files.length > 0 ? files : FILES, delay);
  }),
);
