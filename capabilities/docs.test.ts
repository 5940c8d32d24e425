import assert from "node:assert/strict";
import { existsSync, globSync, readFileSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { describe, it } from "node:test";
import { parse } from "yaml";
import { z } from "zod";
import { specSchema } from "../crds/spec";
import { state } from "../crds/helm-release";
import { optionDocs } from "./config";

const ROOT = join(__dirname, "..");
const DEVELOPMENT = readFileSync(join(ROOT, "docs", "development.md"), "utf8");

const helmReleaseSchema = z.object({ apiVersion: z.string(), kind: z.string(), spec: z.unknown() });

/** The cells of the first table under a heading of a file of docs/, without its header. */
function tableUnder(file: string, heading: string): string[][] {
  const text = `\n${readFileSync(join(ROOT, "docs", file), "utf8")}`;
  const [, section = ""] = text.split(`\n${heading}\n`);
  const [, table = ""] = /((?:^\|.*\n)+)/m.exec(section) ?? [];
  return table
    .trim()
    .split("\n")
    .slice(2)
    .map(row => row.split("|").slice(1, -1))
    .map(cells => cells.map(cell => cell.trim().replaceAll("`", "")));
}

describe("the docs", () => {
  it("have every option with its default, what it accepts and what it means", () => {
    const expected = optionDocs.map(doc => [doc.variable, doc.default, doc.accepts, doc.description]);
    assert.deepEqual(tableUnder("options.md", "# Options"), expected);
  });

  it("have every state", () => {
    const states = tableUnder("use.md", "## States").map(([name]) => name);
    assert.deepEqual(states.sort(), Object.values(state).sort());
  });
});

it("the README's HelmRelease is six lines that the definition allows", () => {
  const [, text = ""] = /```yaml\n([^`]+)\n```/.exec(readFileSync(join(ROOT, "README.md"), "utf8")) ?? [];
  assert.equal(text.split("\n").length, 6);
  const { apiVersion, kind, spec } = helmReleaseSchema.parse(parse(text));
  assert.deepEqual([apiVersion, kind], ["helm.cattle.io/v1alpha1", "HelmRelease"]);
  assert.equal(specSchema.parse(spec)?.driftDetection?.mode, "warn");
});

it("every link between the docs leads to a file, and to a heading of it", () => {
  const files = ["*.md", "docs/**/*.md", ".github/**/*.md"].flatMap(pattern =>
    globSync(pattern, { cwd: ROOT }),
  );
  assert.ok(files.length > 30);
  const broken = files.flatMap(file =>
    linksOf(file)
      .filter(link => !leadsSomewhere(file, link))
      .map(link => `${file}: ${link}`),
  );
  assert.deepEqual(broken, []);
});

/** Links of a file within the project, code aside. */
function linksOf(file: string): string[] {
  const text = readFileSync(join(ROOT, file), "utf8").replaceAll(/```[\s\S]*?```|`[^`\n]*`/g, "");
  return [...text.matchAll(/\]\((?!https?:)([^)\s]+)\)/g)].map(([, link = ""]) => link);
}

function leadsSomewhere(file: string, link: string): boolean {
  const [path = "", anchor] = link.split("#");
  const target = path === "" ? join(ROOT, file) : join(ROOT, file, "..", path);
  if (!existsSync(target)) return false;
  return anchor === undefined || anchorsOf(readFileSync(target, "utf8")).includes(anchor);
}

/** What GitHub makes of headings. */
function anchorsOf(text: string): string[] {
  return [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, "")
      .replaceAll(" ", "-"),
  );
}

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
