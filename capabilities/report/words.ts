import { ApiError, ForbiddenError } from "../cluster/errors";
import type { Resource } from "../cluster/resources";
import { neededToLock, ruleToLock, type Rule } from "../cluster/rights";
import type { KubeObject } from "../release/object";

/** "ConfigMap ns/name", the namespace left out for cluster-scoped objects. */
export function nameOf(object: KubeObject): string {
  const { namespace, name } = object.metadata;
  return `${object.kind} ${typeof namespace === "string" ? `${namespace}/` : ""}${name}`;
}

/**
 * What went wrong, for a user. The server quotes values in its refusals, so that of a Secret only the reason is told; where a right is
 * missing, it quotes none, and the rule that grants it is told as well.
 *
 * @param object what it happened to, where it was one object
 * @param locked the kind that was to be locked, where it was one
 */
export function errorWords(error: unknown, object?: KubeObject, locked?: Resource): string {
  const rule = error instanceof ForbiddenError ? error.rule : undefined;
  if (error instanceof ApiError && object?.kind === "Secret" && !rule)
    return `refused by the API server: ${error.status} ${error.reason}`;
  const words = error instanceof Error ? error.message : String(error);
  if (!rule) return words;
  return withAdvice(words, locked ? neededToLock(locked, rule) : rule);
}

/** That objects of a kind, in namespaces where they have one, can be read but not put right for want of a right. */
export function unwritableWords(resource: Resource, namespaces: readonly (string | undefined)[]): string {
  const named = namespaces.filter(namespace => namespace !== undefined);
  const where = named.length === 0 ? "" : ` in namespace ${few(named)}`;
  return withAdvice(`${resource.kind}: the locker may not write any${where}`, ruleToLock(resource));
}

function withAdvice(problem: string, rule: Rule): string {
  return `${problem}. To allow it, give the locker the rule ${JSON.stringify(rule)}`;
}

/** Joins what is at most a few, and counts the rest. */
export function few(items: readonly string[], most = 3): string {
  const rest = items.length - most;
  return items.slice(0, most).join("; ") + (rest > 0 ? `; and ${rest} more` : "");
}
