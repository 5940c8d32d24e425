import { chmod, readdir, rename } from "node:fs/promises";
import { join } from "node:path";
import { CommandError, run } from "../../lib/command";
import { RUNTIME_FLAGS } from "../module";
import { NON_ROOT } from "./node";

/** Makes the locker end by itself after it has loaded all its code: an option that it refuses. */
const REFUSED = { HELM_LOCKER_LOG_LEVEL: "none" };

/**
 * Writes Node's compile cache of a bundled locker into `directory`, for an image whose files cannot be written at run
 * time. The cache is valid for the same Node.js, flags and user, and for the same path from `directory` to the locker.
 * @see https://nodejs.org/api/module.html#portability-of-the-compile-cache
 */
export async function writeCompileCache(locker: string, directory: string): Promise<void> {
  const env = {
    ...process.env,
    ...REFUSED,
    PEPR_WATCH_MODE: "true",
    NODE_COMPILE_CACHE: directory,
    NODE_COMPILE_CACHE_PORTABLE: "1",
  };
  await run(process.execPath, [...RUNTIME_FLAGS, locker], { env }).catch((error: unknown) => {
    if (!(error instanceof CommandError) || error.exitCode !== 1) throw error;
  });
  const own = `-${String(process.getuid?.())}`;
  for (const name of await readdir(directory)) {
    // Node keeps a separate cache for each user, readable only for that user.
    const shared = join(directory, name.replace(new RegExp(`${own}$`), `-${NON_ROOT}`));
    await rename(join(directory, name), shared);
    for (const file of await readdir(shared)) await chmod(join(shared, file), 0o644);
  }
}
