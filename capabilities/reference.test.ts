import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { CONDITIONS } from "./report/conditions";
import { referenceWords } from "./reference";

const words = referenceWords();

describe("docs/reference.md", () => {
  it("is what the code says: npm run reference writes it anew", () => {
    const written = readFileSync(join(__dirname, "..", "docs", "reference.md"), "utf8");
    assert.equal(written, words);
  });

  it("says of every field what it means", () => {
    const rows = [...words.matchAll(/^\| `(?:spec|status)\..*$/gm)].map(([row]) => row);
    assert.ok(rows.length > 40);
    assert.deepEqual(
      rows.filter(row => / \| +\|$/.test(row)),
      [],
    );
  });

  it("has every reason of every condition", () => {
    for (const [type, { reasons }] of Object.entries(CONDITIONS)) {
      const [, section = ""] = words.split(`### Condition ${type}\n`);
      for (const reason of Object.keys(reasons))
        assert.match(section.split("\n##")[0] ?? "", new RegExp(reason));
    }
  });
});
