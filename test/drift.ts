import { z } from "zod";
import { parseOptions } from "../hack/lib/options";
import { task } from "../hack/lib/task";
import { portionsOf } from "./support/property/portions";
import { playRound, type Count } from "./support/property/rounds";
import { shrunk } from "./support/property/shrink";
import { Stage } from "./support/property/stage";
import { changesIn, tally } from "./support/property/tally";

const USAGE = `usage: npm run test:drift [-- --changes N] [--seed S]

Locks generated objects of every kind, changes them in random ways, and checks that a lock writes nothing, that each
change is undone, and that what a controller of an object adds stays.

  --changes N   how many changes to make, those that the server refuses aside; default 2000
  --seed S      makes the changes of an earlier call again, a whole number; default: another one each time
  --kind K      changes objects of this kind only, "Job"; default: of all kinds
`;

/** How many cases of each built-in kind one control plane gets, and how large they are. */
const ROUND = { cases: 4, size: { growth: 8, moves: 40 } };

/** How many failures of a round are made small. */
const MOST_SHRUNK = 3;

const schema = z.object({
  changes: z.coerce.number().int().positive().default(2000),
  seed: z.coerce
    .number()
    .int()
    .default(() => Math.floor(Math.random() * 2 ** 31)),
  kind: z.string().optional(),
});

task(async () => {
  const options = {
    changes: { type: "string" },
    seed: { type: "string" },
    kind: { type: "string" },
  } as const;
  const { changes, seed, kind } = parseOptions({ usage: USAGE, options, schema });
  process.stdout.write(`seed ${seed}, ${changes} changes\n`);
  const counts: Count[] = [];
  let failed = 0;
  const start = performance.now();
  for (let round = 0; changesIn(counts) < changes; round++) {
    const result = await playIn(seed + round * 104_729, kind);
    counts.push(...result.counts);
    failed += result.failed;
    const minutes = (performance.now() - start) / 60_000;
    process.stdout.write(
      `round ${round}: ${changesIn(counts)} changes so far, ${failed} cases failed, ${minutes.toFixed(1)} minutes\n`,
    );
  }
  for (const column of ["kind", "verb", "writer"] as const)
    process.stdout.write(`by ${column}:\n${tally(counts, column).join("\n")}\n`);
  return failed === 0 ? 0 : 1;
});

/** Plays a round on a control plane of its own. */
async function playIn(
  seed: number,
  kind: string | undefined,
): Promise<{ counts: readonly Count[]; failed: number }> {
  const stage = await Stage.open(seed);
  try {
    const portions = portionsOf(stage, { ...ROUND, seed, kind });
    const { counts, failures } = await playRound(stage, portions);
    for (const [number, failure] of failures.entries()) {
      const portion = portions.find(({ subject }) => subject === failure.subject);
      if (portion && number < MOST_SHRUNK)
        process.stdout.write(`${await shrunk(stage, portion, failure)}\n\n`);
      else process.stdout.write(`${String(failure.error)}\n\n`);
    }
    return { counts, failed: failures.length };
  } finally {
    await stage.end();
  }
}
