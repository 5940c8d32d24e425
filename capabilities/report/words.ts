import { ApiError, ForbiddenError } from "../cluster/errors";
import { grantToWriteAs, neededToLock, type Grant, type Rule } from "../cluster/rights";
import type { Account } from "../kube/account";
import { refOf, type Kind } from "../kube/kinds";
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
  return { release: releaseKey(lock.release), object: nameOf(desired) };
}

/**
 * Describes a failure to a user. The server quotes values in its refusals, so for a Secret only the reason is shown. A
 * refusal for a missing right quotes no values, so the rule that grants the right is shown as well.
 *
 * @param object what the failure happened to, if it was one object
 * @param locked the kind that was to be locked, if any
 * @param isShared whether the locker only reads, and a ServiceAccount writes
 */
export function errorWords(error: unknown, object?: KubeObject, locked?: Kind, isShared = false): string {
  if (error instanceof ForbiddenError && error.rule)
    return denialWords(error, { rule: error.rule, object, locked, isShared });
  if (error instanceof ApiError && object?.kind === "Secret")
    return `refused by the API server: ${error.status} ${error.reason}`;
  return inOneLine(error instanceof Error ? error.message : String(error));
}

/** What was denied. */
interface Denied {
  readonly rule: Rule;
  readonly object: KubeObject | undefined;
  readonly locked: Kind | undefined;
  readonly isShared: boolean;
}

function denialWords(
  { message, account, isOfImpersonation }: ForbiddenError,
  { rule, object, locked, isShared }: Denied,
): string {
  if (account && isOfImpersonation) return barredWords(account);
  return withAdvice(inOneLine(message), {
    rule: locked ? neededToLock(locked, rule, isShared) : rule,
    to: account,
    namespace: account && object && refOf(object).namespace,
  });
}

/** Says that the locker may not write as a ServiceAccount, or not see whether there is one. */
export function barredWords(account: Account): string {
  return withAdvice(`the locker may not write as ${accountWords(account)}`, grantToWriteAs(account));
}

/** A ServiceAccount, as nameOf names objects. */
export function accountWords({ namespace, name }: Account): string {
  return `ServiceAccount ${namespace}/${name}`;
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
export function withAdvice(problem: string, { rule, to, namespace }: Grant): string {
  const whom = to ? accountWords(to) : "the locker";
  return `${problem}. To allow it, give ${whom} the rule ${JSON.stringify(rule)}${wayOf({ to, namespace })}`;
}

/** How a rule is given, where that is not for the chart. */
function wayOf({ to, namespace }: Pick<Grant, "to" | "namespace">): string {
  if (namespace !== undefined) return ` by a Role and RoleBinding in namespace ${namespace}`;
  return to ? " by a ClusterRole and ClusterRoleBinding" : "";
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
