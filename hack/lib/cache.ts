import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { rename } from "node:fs/promises";
import { homedir } from "node:os";
import { basename, dirname, join } from "node:path";
import { withLock } from "./lock";
import { withProgress } from "./progress";
import { supervised, type Supervisor } from "./supervisor";

/** The folder outside the tree that holds what is slow to build: `$XDG_CACHE_HOME/helm-locker`, else `~/.cache/helm-locker`. */
export function cacheDirectory(): string {
  return join(process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"), "helm-locker");
}

/** A short key of everything that a build depends on: the same inputs in the same order give the same 16 hex digits. */
export function cacheKey(inputs: (string | Buffer)[]): string {
  const hash = createHash("sha256");
  for (const input of inputs) hash.update(`${Buffer.byteLength(input)}:`).update(input);
  return hash.digest("hex").slice(0, 16);
}

/** A file or folder of the cache, and how it is built from scratch. */
export interface Cached {
  /** Its path below the cache's folder; a key of all inputs is part of it. */
  path: string;
  /** The progress line while it is built. */
  line: string;
  /** Builds it at `output`, in the supervisor's folder; anything else there is removed. */
  build: (output: string, supervisor: Supervisor) => Promise<void>;
}

/** Builds a file or folder of the cache if it is missing, and returns its path. Processes that ask at the same time wait for the first. */
export async function cached({ path, line, build }: Cached): Promise<string> {
  const result = join(cacheDirectory(), path);
  if (existsSync(result)) return result;
  const make = (): Promise<void> =>
    supervised(
      "building",
      async supervisor => {
        const output = join(supervisor.directory, basename(result));
        await build(output, supervisor);
        await rename(output, result);
      },
      dirname(result),
    );
  await withProgress(line, () =>
    withLock(`${result}.lock`, async () => {
      if (!existsSync(result)) await make();
    }),
  );
  return result;
}
