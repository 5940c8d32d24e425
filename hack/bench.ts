import { z } from "zod";
import { writeFigures } from "./bench/document";
import { parts } from "./bench/parts";
import type { Effort, Row } from "./bench/row";
import { printTable } from "./bench/table";
import { parseOptions, UsageError } from "./lib/options";
import { withProgress } from "./lib/progress";
import { task } from "./lib/task";

const USAGE = `usage: npm run bench [-- --quick] [-- --only NAME]

Measures the locker on control planes of its own, and writes docs/benchmarks.md.

  --quick       about 2 minutes, with fewer repetitions; writes nothing
  --only NAME   one part alone; only those that run in no other way write their figures: ${parts.map(({ name }) => name).join(", ")}
`;

task(async () => {
  const { quick, only } = parseOptions({
    usage: USAGE,
    options: { quick: { type: "boolean" }, only: { type: "string" } },
    schema: z.object({ quick: z.boolean().default(false), only: z.string().optional() }),
  });
  const chosen = parts.filter(({ name, onlyByName }) =>
    only === undefined ? onlyByName !== true : name === only,
  );
  if (chosen.length === 0) throw new UsageError(`there is no part ${String(only)}`, USAGE);
  const effort: Effort = { of: repetitions => (quick ? Math.ceil(repetitions / 10) : repetitions) };
  const rows: Row[] = [];
  for (const [index, part] of chosen.entries()) {
    const line = `${index + 1}/${chosen.length} ${part.name}: ${part.about}`;
    rows.push(...(await withProgress(line, () => part.run(effort))));
  }
  printTable(rows);
  if (!quick && only === undefined) await writeFigures("all", rows);
  if (!quick && chosen.every(({ onlyByName }) => onlyByName)) await writeFigures(chosen[0]?.name ?? "", rows);
  return rows.some(({ isMet }) => isMet === false) ? 1 : 0;
});
