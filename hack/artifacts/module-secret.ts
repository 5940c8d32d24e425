import { gzipSync } from "node:zlib";
import { UserError } from "../lib/task";

/**
 * How many bytes the module may have as Pepr puts it into its Secret: gzip, then base64. A Secret may hold as much.
 * @see https://kubernetes.io/docs/concepts/configuration/secret/#restriction-data-size
 */
const LIMIT = 1_048_576;

/** The module is too large for the Secret that Pepr ships it in. */
export class ModuleSizeError extends UserError {
  override readonly name = "ModuleSizeError";
}

/** Checks that a bundled module fits into its Secret. @throws ModuleSizeError */
export function assertFitsSecret(module: Buffer): void {
  const size = gzipSync(module).toString("base64").length;
  if (size <= LIMIT) return;
  const sizes = `${size.toLocaleString("en")} bytes as gzip and base64, where a Secret may have ${LIMIT.toLocaleString("en")}`;
  throw new ModuleSizeError(
    `The module is too large for its Secret: ${sizes}. See what dist/pepr-helm-locker.js is made of, and drop a dependency.`,
  );
}
