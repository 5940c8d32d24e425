import { readFile, writeFile } from "node:fs/promises";
import { cpus } from "node:os";
import { join } from "node:path";
import { KUBERNETES_VERSION } from "../artifacts/binaries";
import { ROOT } from "../lib/project";
import type { Row } from "./row";
import { tableOf } from "./table";

const DOCUMENT = join(ROOT, "docs", "benchmarks.md");

/**
 * Puts figures into docs/benchmarks.md, between the marks of their name, with where and when they were measured.
 *
 * @param name "all", or a part that only runs by name
 * @throws Error if the document has no such marks
 */
export async function writeFigures(name: string, rows: readonly Row[]): Promise<void> {
  const text = await readFile(DOCUMENT, "utf8");
  const [begin, end] = [`<!-- figures: ${name} -->`, `<!-- end of figures: ${name} -->`];
  const [before, rest] = text.split(begin);
  const [, after] = rest?.split(end) ?? [];
  if (before === undefined || after === undefined)
    throw new Error(`${DOCUMENT} has no marks ${begin}, ${end}`);
  const date = new Date().toISOString().slice(0, 10);
  const where = `${date}, ${cpus().length} cores, Kubernetes ${KUBERNETES_VERSION}, Node.js ${process.version}`;
  await writeFile(DOCUMENT, `${before}${begin}\n\n${where}:\n\n${tableOf(rows)}\n\n${end}${after}`);
}
