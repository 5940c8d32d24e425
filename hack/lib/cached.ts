import { existsSync } from "node:fs";
import { rename } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { cacheDirectory } from "./cache";
import { withLock } from "./lock";
import { withProgress } from "./progress";
import { supervised, type Supervisor } from "./supervisor";

/** A file or folder of the cache, and how it is made from nothing. */
export interface Cached {
  /** Its path below the cache's folder; a key of all inputs is part of it. */
  path: string;
  /** What is said while it is made. */
  line: string;
  /** Makes it at `output`, in the supervisor's folder; what lies beside it is removed. */
  build: (output: string, supervisor: Supervisor) => Promise<void>;
}

/** Makes a file or folder of the cache where it is missing, and returns its path. Processes that ask at the same time wait for the first. */
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
