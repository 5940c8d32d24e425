import assert from "node:assert/strict";
import { existsSync, globSync, readFileSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { describe, it } from "node:test";
import { state } from "../crds/helm-release";
import { optionDocs } from "./config";

const ROOT = join(__dirname, "..");
const README = readFileSync(join(ROOT, "README.md"), "utf8");
const DEVELOPMENT = readFileSync(join(ROOT, "docs", "development.md"), "utf8");

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

/** Which folder of a base imports which, for example "report -> state". */
function importsOfFolders(base: string): string[] {
  const directory = join(ROOT, base);
  const files = globSync("*/**/*.ts", { cwd: directory }).filter(file => !file.endsWith(".test.ts"));
  const arrows = files.flatMap(file => {
    const [folder] = file.split(sep);
    const imported = readFileSync(join(directory, file), "utf8").matchAll(/ from "(\.[^"]+)"/g);
    return [...imported].map(([, path = ""]) => {
      const [other] = relative(directory, join(directory, file, "..", path)).split(sep);
      return `${folder} -> ${other}`;
    });
  });
  const isBetweenFolders = (arrow: string) => {
    const [folder = "", other = ""] = arrow.split(" -> ");
    return folder !== other && other !== ".." && existsSync(join(directory, other, "."));
  };
  return [...new Set(arrows)].filter(isBetweenFolders).sort();
}

describe("the map in docs/development.md", () => {
  for (const base of ["capabilities", "cli"]) {
    it(`draws the imports of the folders of ${base}/, all of them and no other`, () => {
      const [, section = ""] = DEVELOPMENT.split(`\nEach folder of \`${base}/\` imports only`);
      const [, picture = ""] = /```mermaid\n([^`]+)```/.exec(section) ?? [];
      const lines = [...picture.matchAll(/^ *(\w+) --> (.+)$/gm)];
      const drawn = lines.flatMap(([, folder, others = ""]) =>
        others.split(" & ").map(other => `${folder} -> ${other}`),
      );
      assert.deepEqual(drawn.sort(), importsOfFolders(base));
    });
  }

  it("names files that are there", () => {
    const paths = [
      ...DEVELOPMENT.matchAll(/`((?:capabilities|cli|crds|hack|test|docs|charts)\/[a-z0-9./-]*)`/g),
    ];
    const missing = paths.map(([, path = ""]) => path).filter(path => !existsSync(join(ROOT, path)));
    assert.deepEqual(missing, []);
  });
});
