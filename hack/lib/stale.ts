import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { existsSync } from "node:fs";
import { join, relative } from "node:path";
import { cacheKey } from "./cache";
import { withLock } from "./lock";
import { DIST, ROOT } from "./project";

/** The inputs of a build from the project's sources, as files and folders below the top folder. */
export const MODULE_INPUTS = [
  "capabilities",
  "crds",
  "pepr.ts",
  "package.json",
  "package-lock.json",
  "tsconfig.json",
];

/** A file in dist/, the files and folders that it is made from, and `build`, which has to write it. */
export interface Target {
  output: string;
  inputs: string[];
  build: () => Promise<void>;
}

/**
 * Builds a file in dist/ unless it was already built from exactly the same inputs, and returns its path. Processes that
 * ask for it at the same time wait for the first. A file that something else, such as `npx pepr build`, has written
 * since is rebuilt.
 */
export async function upToDate({ output, inputs, build }: Target, directory = DIST): Promise<string> {
  const path = join(directory, output);
  const stamp = join(directory, `.${output}.key`);
  const key = await keyOfFiles(ROOT, inputs);
  const keyOfBoth = async (): Promise<string> => `${key} ${await keyOfFiles(directory, [output])}`;
  const isFresh = async (): Promise<boolean> =>
    existsSync(path) && existsSync(stamp) && (await readFile(stamp, "utf8")) === (await keyOfBoth());
  if (await isFresh()) return path;
  await withLock(join(directory, `.${output}.lock`), async () => {
    if (await isFresh()) return;
    await rm(stamp, { force: true });
    await build();
    await writeFile(stamp, await keyOfBoth());
  });
  return path;
}

/** A key of the names and contents of files, including those in folders; tests are left out. */
export async function keyOfFiles(root: string, inputs: string[]): Promise<string> {
  const files = (await Promise.all(inputs.map(input => filesIn(join(root, input))))).flat().sort();
  const contents = await Promise.all(files.map(file => readFile(file)));
  return cacheKey(files.flatMap((file, index) => [relative(root, file), contents[index] ?? ""]));
}

async function filesIn(path: string): Promise<string[]> {
  try {
    const entries = await readdir(path, { withFileTypes: true, recursive: true });
    const files = entries.filter(entry => entry.isFile() && !entry.name.endsWith(".test.ts"));
    return files.map(entry => join(entry.parentPath, entry.name));
  } catch {
    return [path];
  }
}
