import { ApiError, ForbiddenError } from "../cluster/errors";
import { neededToLock, type Rule } from "../cluster/rights";
import type { Kind } from "../kube/kinds";
import type { KubeObject } from "../kube/object";

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
export function errorWords(error: unknown, object?: KubeObject, locked?: Kind): string {
  const rule = error instanceof ForbiddenError ? error.rule : undefined;
  if (error instanceof ApiError && object?.kind === "Secret" && !rule)
    return `refused by the API server: ${error.status} ${error.reason}`;
  const words = error instanceof Error ? error.message : String(error);
  if (!rule) return words;
  return withAdvice(words, locked ? neededToLock(locked, rule) : rule);
}

/** A problem, and the rule that would solve it. */
export function withAdvice(problem: string, rule: Rule): string {
  return `${problem}. To allow it, give the locker the rule ${JSON.stringify(rule)}`;
}

/** A text, at most so many characters of it. */
export function cut(text: string, most: number): string {
  return text.length > most ? `${text.slice(0, most - 1)}…` : text;
}

/** Joins what is at most a few, and counts the rest. */
export function few(items: readonly string[], most = 3): string {
  const rest = items.length - most;
  return items.slice(0, most).join("; ") + (rest > 0 ? `; and ${rest} more` : "");
}
