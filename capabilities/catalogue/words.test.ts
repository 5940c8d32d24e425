import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { it } from "node:test";
import { catalogueWords } from "./words";

it("docs/reference.md is the catalogue as it is: npm run reference writes it anew", () => {
  const written = readFileSync(join(__dirname, "..", "..", "docs", "reference.md"), "utf8");
  assert.equal(written, catalogueWords());
});
