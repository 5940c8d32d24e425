import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { mkdir, readdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { cacheDirectory, cacheKey, cached } from "../lib/cache";
import { run } from "../lib/command";

/** Debian packages that are used without being installed. */
export interface Packages {
  /** The folder of the cache that they are unpacked in. */
  readonly folder: string;
  readonly packages: readonly string[];
  /** The progress line while they are downloaded. */
  readonly line: string;
}

/**
 * Unpacks packages into the cache, once, and returns the folder.
 * @throws CommandError if the machine's package sources do not have them
 */
export function unpacked(wanted: Packages): Promise<string> {
  return cached({
    path: cachePath(wanted),
    line: wanted.line,
    build: output => unpack(wanted.packages, output),
  });
}

/** Says whether packages are already unpacked, or the machine's package sources have them. Asking these takes some seconds. */
export function isAvailable(wanted: Packages): boolean {
  if (existsSync(join(cacheDirectory(), cachePath(wanted)))) return true;
  const folder = mkdtempSync(join(tmpdir(), "helm-locker-packages-"));
  try {
    mkdirSync(join(folder, "lists", "partial"), { recursive: true });
    const lists = ownLists(folder);
    const found = ["download", "--print-uris", ...wanted.packages];
    return [["update"], found].every(args => spawnSync("apt-get", [...lists, ...args]).status === 0);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function cachePath({ folder, packages }: Packages): string {
  return join(folder, cacheKey([...packages, readFileSync("/etc/os-release"), process.arch]));
}

/** apt-get's options for separate package lists, so that the machine's lists stay as they are. */
function ownLists(folder: string): string[] {
  return ["-o", `Dir::State::lists=${join(folder, "lists")}`, "-o", "Dir::Cache::pkgcache=", "-q"];
}

async function unpack(packages: readonly string[], output: string): Promise<void> {
  const folder = join(dirname(output), "packages");
  await mkdir(join(folder, "lists", "partial"), { recursive: true });
  const options = { cwd: folder, env: process.env };
  const lists = ownLists(folder);
  await run("apt-get", [...lists, "update"], options);
  await run("apt-get", [...lists, "download", ...packages], options);
  for (const name of await readdir(folder)) {
    if (name.endsWith(".deb")) await run("dpkg-deb", ["--extract", join(folder, name), output], options);
  }
}
