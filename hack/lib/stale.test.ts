import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, beforeEach, test } from "node:test";
import { cacheKey } from "./cache";
import { keyOfFiles, upToDate } from "./stale";

const root = mkdtempSync(join(tmpdir(), "helm-locker-unit-"));
after(() => {
  rmSync(root, { recursive: true });
});

beforeEach(() => {
  rmSync(root, { recursive: true });
  mkdirSync(join(root, "src", "deep"), { recursive: true });
  writeFileSync(join(root, "src", "deep", "a.ts"), "a");
  writeFileSync(join(root, "package.json"), "{}");
});

const key = (): Promise<string> => keyOfFiles(root, ["src", "package.json"]);

const changes: { name: string; change: () => void; stale: boolean }[] = [
  { name: "nothing", change: () => undefined, stale: false },
  {
    name: "a file's content",
    change: () => {
      writeFileSync(join(root, "src", "deep", "a.ts"), "b");
    },
    stale: true,
  },
  {
    name: "a new file",
    change: () => {
      writeFileSync(join(root, "src", "b.ts"), "");
    },
    stale: true,
  },
  {
    name: "a removed file",
    change: () => {
      rmSync(join(root, "src", "deep", "a.ts"));
    },
    stale: true,
  },
  {
    name: "a single file",
    change: () => {
      writeFileSync(join(root, "package.json"), "[]");
    },
    stale: true,
  },
  {
    name: "a test",
    change: () => {
      writeFileSync(join(root, "src", "a.test.ts"), "");
    },
    stale: false,
  },
  {
    name: "a file elsewhere",
    change: () => {
      writeFileSync(join(root, "README.md"), "");
    },
    stale: false,
  },
];

for (const { name, change, stale } of changes) {
  test(`the key ${stale ? "changes" : "stays"} with a change of ${name}`, async () => {
    const before = await key();
    change();
    assert.equal((await key()) !== before, stale);
  });
}

test("a cache key tells apart where one input ends and the next begins", () => {
  assert.notEqual(cacheKey(["ab", "c"]), cacheKey(["a", "bc"]));
});

test("a file is built once, and again when something else has written it", async () => {
  let builds = 0;
  const output = join(root, "output");
  const build = (): Promise<void> => writeFile(output, `built ${++builds}`);
  const target = { output: "output", inputs: ["package.json"], build };
  await upToDate(target, root);
  assert.equal(await upToDate(target, root), output);
  assert.equal(builds, 1);
  writeFileSync(output, "written by hand");
  await upToDate(target, root);
  assert.equal(readFileSync(output, "utf8"), "built 2");
});
