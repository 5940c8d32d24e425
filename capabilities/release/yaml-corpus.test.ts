import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { isDeepStrictEqual } from "node:util";
import fc from "fast-check";
import { z } from "zod";
import { isObject, type Json } from "../kube/object";
import { asHelmReads, documents } from "../../test/data/yaml-corpus/documents";
import { accepted, different, refused } from "../../test/data/yaml-corpus/exceptions";
import { mutated } from "../../test/data/yaml-corpus/mutations";
import { YamlError, yamlBudget } from "./yaml/limits";
import { readYaml } from "./yaml/yaml";

const CORPUS = join(__dirname, "..", "..", "test", "data", "yaml-corpus");

/** Every stored document with Go's result as JSON text; null if Go refuses the document. See make.ts beside them. */
const answers = new Map(
  readFileSync(join(CORPUS, "answers.jsonl"), "utf8")
    .trimEnd()
    .split("\n")
    .map(line => z.tuple([z.string(), z.string().nullable()]).parse(JSON.parse(line))),
);

const corpus = Object.values(documents).flat().map(asHelmReads);
const inCorpus = new Set(corpus);

type Comparison = "equal" | "both refuse" | "refused" | "accepted" | "different";

function compare(text: string): Comparison {
  const answer = answers.get(text);
  assert.ok(
    answer !== undefined,
    `no answer of Go is stored for ${JSON.stringify(text)}: run ${join(CORPUS, "make.ts")}`,
  );
  const ours = read(text);
  if (ours === undefined) return answer === null ? "both refuse" : "refused";
  if (answer === null) return "accepted";
  return isDeepStrictEqual(exact(ours), goValue(answer)) ? "equal" : "different";
}

/** @returns undefined if it is refused */
function read(text: string): Json | undefined {
  try {
    return readYaml(text);
  } catch (error) {
    if (error instanceof YamlError) return undefined;
    throw error;
  }
}

/** A value with its numbers as JSON text, because a double cannot hold all of Go's. */
function exact(value: Json): unknown {
  if (typeof value === "bigint" || typeof value === "number") return { number: writeNumber(value) };
  if (Array.isArray(value)) return value.map(exact);
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, exact(item)]));
}

function goValue(json: string): unknown {
  return JSON.parse(json, (_key, value: unknown, context?: { source?: string }) =>
    typeof value === "number" ? { number: context?.source === "-0" ? "0" : context?.source } : value,
  );
}

function writeNumber(value: number | bigint): string {
  return typeof value === "bigint" ? String(value) : JSON.stringify(value);
}

function writeJson(value: Json): string {
  if (typeof value === "bigint") return String(value);
  if (Array.isArray(value)) return `[${value.map(writeJson).join()}]`;
  if (!isObject(value)) return writeText(value);
  const fields = Object.entries(value).map(([key, item]) => `${writeText(key)}:${writeJson(item)}`);
  return `{${fields.join()}}`;
}

/** In YAML 1.1, U+0085 ends a line unless it is escaped. */
function writeText(value: string | number | boolean | null): string {
  return JSON.stringify(value).replaceAll("\x85", "\\u0085");
}

describe("the corpus, as Go reads it", () => {
  const exceptions = new Map<string, Comparison>();
  for (const [comparison, list] of Object.entries({ refused, accepted, different } as const)) {
    for (const text of list.flatMap(({ documents }) => documents))
      exceptions.set(asHelmReads(text), comparison as Comparison);
  }

  it("holds 200 documents and more", () => {
    assert.ok(inCorpus.size >= 200);
    for (const text of exceptions.keys())
      assert.ok(inCorpus.has(text), `${JSON.stringify(text)} is not in it`);
  });

  for (const [theme, texts] of Object.entries(documents)) {
    it(theme, () => {
      for (const text of texts.map(asHelmReads)) {
        const expected = exceptions.get(text) ?? (answers.get(text) === null ? "both refuse" : "equal");
        assert.equal(compare(text), expected, JSON.stringify(text));
      }
    });
  }
});

describe("mutations of the corpus", () => {
  /** In YAML 1.2 these characters end no line; charts do not contain them. */
  const others = [...answers.keys()].filter(text => !inCorpus.has(text) && !/[\u2028\u2029]/.test(text));

  it("are never read other than Go reads them, and seldom refused where Go reads them", () => {
    const counts = { equal: 0, "both refuse": 0, refused: 0, accepted: 0, different: 0 };
    for (const text of others) {
      const comparison = compare(text);
      counts[comparison]++;
      const isText = answers.get(text)?.startsWith('"');
      assert.ok(comparison !== "different" || isText, JSON.stringify(text));
    }
    assert.ok(counts.equal > others.length / 4, JSON.stringify(counts));
    assert.ok(counts.refused < counts.equal / 4, JSON.stringify(counts));
  });

  it("never crash the reader or exceed its budget, and what is read survives a round trip", () => {
    fc.assert(
      fc.property(mutated, text => {
        const budget = yamlBudget();
        try {
          const value = readYaml(text, budget);
          assert.deepEqual(exact(readYaml(writeJson(value))), exact(value));
        } catch (error) {
          if (!(error instanceof YamlError)) throw error;
        }
        assert.ok(budget.tokens >= yamlBudget().tokens - 4 * text.length - 4);
        assert.ok(budget.aliased >= 0);
      }),
      { seed: 2, numRuns: 3000 },
    );
  });

  it("never crash the reader where they are no YAML at all", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 200 }), text => {
        read(text);
      }),
      { seed: 3, numRuns: 1000 },
    );
  });
});
