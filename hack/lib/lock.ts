import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import { lock } from "proper-lockfile";

/** Milliseconds between two touches of a lock, and after which an untouched lock belongs to a dead process. */
const HEARTBEAT = 1_000;
const STALE = 15_000;

/** Milliseconds between two tries. */
const POLL = 200;

/**
 * Runs `work` while no other process holds the lock, a folder at that path. A process that loses the lock, because the
 * machine stood still, continues: the lock saves double work, but need not prevent it.
 */
export async function withLock<T>(path: string, work: () => Promise<T>): Promise<T> {
  await mkdir(dirname(path), { recursive: true });
  const release = await lock(path, {
    lockfilePath: path,
    realpath: false,
    stale: STALE,
    update: HEARTBEAT,
    retries: { forever: true, factor: 1, minTimeout: POLL },
    onCompromised: () => undefined,
  });
  try {
    return await work();
  } finally {
    // A lost lock cannot be released.
    await release().catch(() => undefined);
  }
}
