import { ApiError } from "../cluster/errors";
import type { KubeObject } from "../release/object";

/** "ConfigMap ns/name", the namespace left out for cluster-scoped objects. */
export function nameOf(object: KubeObject): string {
  const { namespace, name } = object.metadata;
  return `${object.kind} ${typeof namespace === "string" ? `${namespace}/` : ""}${name}`;
}

/**
 * What went wrong, for a user. The server quotes values in its refusals, so that of a Secret only the reason is told.
 *
 * @param object what it happened to, where it was one object
 */
export function errorWords(error: unknown, object?: KubeObject): string {
  if (error instanceof ApiError && object?.kind === "Secret")
    return `refused by the API server: ${error.status} ${error.reason}`;
  return error instanceof Error ? error.message : String(error);
}

/** Joins what is at most a few, and counts the rest. */
export function few(items: readonly string[], most = 3): string {
  const rest = items.length - most;
  return items.slice(0, most).join("; ") + (rest > 0 ? `; and ${rest} more` : "");
}
