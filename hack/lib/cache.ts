import { createHash } from "node:crypto";
import { homedir } from "node:os";
import { join } from "node:path";

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
