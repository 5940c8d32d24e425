import { ApiError, ForbiddenError } from "../cluster/errors";
import { neededToLock, type Rule } from "../cluster/rights";
import type { Kind } from "../kube/kinds";
import type { KubeObject } from "../kube/object";
import { releaseKey } from "../release/release";
import type { Tracked } from "../state/lock";

/** "ConfigMap ns/name", without a namespace for cluster-scoped objects. */
export function nameOf(object: KubeObject): string {
  const { namespace, name } = object.metadata;
  return `${object.kind} ${typeof namespace === "string" ? `${namespace}/` : ""}${name}`;
}

/** What a line of the log says of where something has happened. */
export function whereIs({ lock, desired }: Pick<Tracked, "lock" | "desired">) {
  return { component: "reconciler", release: releaseKey(lock.release), object: nameOf(desired) };
}

/**
 * Describes a failure to a user. The server quotes values in its refusals, so for a Secret only the reason is shown. A
 * refusal for a missing right quotes no values, so the rule that grants the right is shown as well.
 *
 * @param object what the failure happened to, if it was one object
 * @param locked the kind that was to be locked, if any
 */
export function errorWords(error: unknown, object?: KubeObject, locked?: Kind): string {
  const rule = error instanceof ForbiddenError ? error.rule : undefined;
  if (error instanceof ApiError && object?.kind === "Secret" && !rule)
    return `refused by the API server: ${error.status} ${error.reason}`;
  const words = inOneLine(error instanceof Error ? error.message : String(error));
  if (!rule) return words;
  return withAdvice(words, locked ? neededToLock(locked, rule) : rule);
}

/** How much of a message is told, in characters: what is longer quotes objects. */
const MOST_WORDS = 400;

/** What a person can read of a message: without the values that it quotes, which may be whole objects, and what follows them in lines of their own. */
function inOneLine(message: string): string {
  const [first = "", ...more] = message
    .trim()
    .replaceAll(/: Invalid value: (?:[\w.*&[\]]*\{.*?\}|"(?:[^"\\]|\\.)*"): (?=[^"{}]*(?:, |\]|\(|$))/g, ": ")
    .split("\n");
  return cut(first.trim() + (more.length > 0 ? " …" : ""), MOST_WORDS);
}

/** A problem, with the rule that would solve it. */
export function withAdvice(problem: string, rule: Rule): string {
  return `${problem}. To allow it, give the locker the rule ${JSON.stringify(rule)}`;
}

/** A text, cut to at most so many characters. */
export function cut(text: string, most: number): string {
  return text.length > most ? `${text.slice(0, most - 1)}…` : text;
}

/** Joins the first few items, and counts the rest. */
export function few(items: readonly string[], most = 3): string {
  const rest = items.length - most;
  return items.slice(0, most).join("; ") + (rest > 0 ? `; and ${rest} more` : "");
}
