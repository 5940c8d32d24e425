import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { z } from "zod";
import { asHelmReads, documents } from "./documents";
import { mutated } from "./mutations";

/** How many mutated documents are stored, and their seed. */
const MUTATED = { seed: 1, numRuns: 2000 };

/*
 * Asks Go's own parser for every document of the corpus and for some mutated ones, and writes answers.jsonl:
 * node --import tsx test/data/yaml-corpus/make.ts (needs Go; the tests do not).
 */
const texts = [...new Set([...Object.values(documents).flat(), ...fc.sample(mutated, MUTATED)])].map(
  asHelmReads,
);
const answered = execFileSync("go", ["run", "."], {
  cwd: join(__dirname, "go"),
  input: JSON.stringify(texts),
  maxBuffer: 2 ** 26,
});
const answers = z.array(z.string().nullable()).parse(JSON.parse(answered.toString()));
const lines = texts.map((text, index) => `${JSON.stringify([text, answers[index]])}\n`);
writeFileSync(join(__dirname, "answers.jsonl"), lines.join(""));
