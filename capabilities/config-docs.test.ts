import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { state } from "../crds/helm-release";
import { optionDocs } from "./config";

const README = readFileSync(join(__dirname, "..", "README.md"), "utf8");

/** The cells of the first table under a heading of the README, without its header. */
function tableUnder(heading: string): string[][] {
  const [, section = ""] = README.split(`\n## ${heading}\n`);
  const [, table = ""] = /((?:^\|.*\n)+)/m.exec(section) ?? [];
  return table
    .trim()
    .split("\n")
    .slice(2)
    .map(row => row.split("|").slice(1, -1))
    .map(cells => cells.map(cell => cell.trim().replaceAll("`", "")));
}

describe("the README", () => {
  it("has every option with its default, what it accepts and what it means", () => {
    const expected = optionDocs.map(doc => [doc.variable, doc.default, doc.accepts, doc.description]);
    assert.deepEqual(tableUnder("Options"), expected);
  });

  it("has every state", () => {
    const states = tableUnder("States").map(([name]) => name);
    assert.deepEqual(states.sort(), Object.values(state).sort());
  });
});
