import fc from "fast-check";
import { z } from "zod";
import { parseOptions } from "../hack/lib/options";
import { task } from "../hack/lib/task";
import { runs } from "./support/chaos/operations";
import { Trials } from "./support/chaos/trials";

const USAGE = `usage: npm run test:chaos [-- --minutes N] [--seed S]

Plays random runs of edits, Helm operations and crashes until the time is over, and checks after every batch of
them that what is locked is as Helm's manifest says and that all else is as it was left.

  --minutes N   how long to begin new runs; default 4
  --seed S      makes the runs of an earlier call again, a whole number; default: another one each time
`;

/** The number of batches in a run. */
const LENGTH = { minLength: 4, maxLength: 12 };

/** More runs than there is ever time for. */
const MOST_RUNS = 10_000;

const schema = z.object({
  minutes: z.coerce.number().positive().default(4),
  seed: z.coerce
    .number()
    .int()
    .default(() => Math.floor(Math.random() * 2 ** 31)),
});

task(async () => {
  const options = { minutes: { type: "string" }, seed: { type: "string" } } as const;
  const { minutes, seed } = parseOptions({ usage: USAGE, options, schema });
  process.stdout.write(`seed ${seed}, ${minutes} minutes\n`);
  const trials = new Trials(minutes * 60_000);
  const property = fc.asyncProperty(runs(LENGTH), batches => trials.run(batches));
  const { failed, counterexample } = await fc.check(property, { seed, numRuns: MOST_RUNS });
  if (!failed) return 0;
  const shortest = counterexample?.[0].map(batch => JSON.stringify(batch)) ?? [];
  process.stdout.write(
    `\nfailed: --seed ${seed} does it again; the shortest run that failed, a batch a line:\n${shortest.join("\n")}\n`,
  );
  return 1;
});
