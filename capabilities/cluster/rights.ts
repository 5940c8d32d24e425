import type { Kind } from "../kube/kinds";

/** A rule of a Role or ClusterRole. */
export interface Rule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
}

/** What the locker does to objects that it locks; it deletes only what it has just created itself. */
const LOCK_VERBS = ["get", "list", "watch", "create", "patch", "delete"];

/** Source: Kubernetes, apiserver pkg/endpoints/handlers/responsewriters/errors.go, forbiddenMessage. It has no reason of its own. */
const DENIAL =
  /^\S+ (?:"[^"]*" )?is forbidden: User .* cannot (\w+) resource "([^"]+)" in API group "([^"]*)"/;

/** Source: Kubernetes, pkg/registry/rbac/validation/rule.go, ConfirmNoEscalation. */
const ESCALATION =
  /^(\w+)\.rbac\.authorization\.k8s\.io "[^"]*" is forbidden: user .* is attempting to grant RBAC permissions not currently held/;

/** Rights beyond those to the object itself. Source: Kubernetes docs, "Privilege escalation prevention and bootstrapping". */
const GRANTING: Partial<Record<string, Omit<Rule, "apiGroups">>> = {
  roles: { resources: ["roles"], verbs: ["escalate"] },
  clusterroles: { resources: ["clusterroles"], verbs: ["escalate"] },
  rolebindings: { resources: ["roles", "clusterroles"], verbs: ["bind"] },
  clusterrolebindings: { resources: ["clusterroles"], verbs: ["bind"] },
};

/**
 * The rule that allows what the API server has forbidden.
 *
 * @param message of its 403
 * @returns undefined if no right was missing: quota, Pod Security, admission
 */
export function missingRule(message: string): Rule | undefined {
  const [, verb, resource, apiGroup] = DENIAL.exec(message) ?? [];
  if (verb !== undefined && resource !== undefined && apiGroup !== undefined)
    return { apiGroups: [apiGroup], resources: [resource], verbs: [verb] };
  const granting = GRANTING[ESCALATION.exec(message)?.[1] ?? ""];
  return granting && { apiGroups: ["rbac.authorization.k8s.io"], ...granting };
}

/**
 * If the missing right is one that locking the kind needs, returns the rule for all such rights, so that no other is
 * missing next. Otherwise returns the rule itself.
 */
export function neededToLock(kind: Kind, missing: Rule): Rule {
  const isOfKind = missing.apiGroups.includes(kind.group) && missing.resources.includes(kind.plural);
  const isToObject = missing.verbs.every(verb => LOCK_VERBS.includes(verb));
  return isOfKind && isToObject ? ruleToLock(kind) : missing;
}

/** The rule that locking a kind needs. */
export function ruleToLock({ group, plural }: Kind): Rule {
  return { apiGroups: [group], resources: [plural], verbs: LOCK_VERBS };
}
