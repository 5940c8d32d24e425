import type { Account } from "../kube/account";
import type { Kind } from "../kube/kinds";

/** A rule of a Role or ClusterRole. */
export interface Rule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly resourceNames?: readonly string[];
  readonly verbs: readonly string[];
}

/** A rule, and who needs it. */
export interface Grant {
  readonly rule: Rule;
  /** The locker if undefined. */
  readonly to: Account | undefined;
  /** Where; undefined: in the whole cluster. */
  readonly namespace?: string | undefined;
}

/** What the locker does to objects that it locks; it deletes only what it has just created itself. */
const READ_VERBS = ["get", "list", "watch"];
const WRITE_VERBS = ["create", "patch", "delete"];

/** Source: Kubernetes, apiserver pkg/endpoints/handlers/responsewriters/errors.go, forbiddenMessage. It has no reason of its own. */
const DENIAL =
  /^\S+ (?:"[^"]*" )?is forbidden: User .* cannot (\w+) resource "([^"]+)" in API group "([^"]*)"/;

/**
 * Since Kubernetes 1.36, it names the right to impersonate in this very request, which the older right makes superfluous. Source:
 * apiserver pkg/endpoints/filters/impersonation/mode.go.
 */
const IMPERSONATION =
  /^\S+ (?:"[^"]*" )?is forbidden: User .* cannot impersonate(?:-on)?(?::[\w:-]+)? resource /;

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
  if (isOfImpersonation(message))
    return { apiGroups: [""], resources: ["serviceaccounts"], verbs: ["impersonate"] };
  const [, verb, resource, apiGroup] = DENIAL.exec(message) ?? [];
  if (verb !== undefined && resource !== undefined && apiGroup !== undefined)
    return { apiGroups: [apiGroup], resources: [resource], verbs: [verb] };
  const granting = GRANTING[ESCALATION.exec(message)?.[1] ?? ""];
  return granting && { apiGroups: ["rbac.authorization.k8s.io"], ...granting };
}

/** Whether what the API server has forbidden is to act as somebody else. @param message of its 403 */
export function isOfImpersonation(message: string): boolean {
  return IMPERSONATION.test(message);
}

/**
 * If the missing right is one that locking the kind needs, returns the rule for all such rights, so that no other is
 * missing next. Otherwise returns the rule itself.
 *
 * @param isShared whether the locker only reads, and a ServiceAccount writes
 */
export function neededToLock(kind: Kind, missing: Rule, isShared = false): Rule {
  const isOfKind = missing.apiGroups.includes(kind.group) && missing.resources.includes(kind.plural);
  const parts = isShared ? [READ_VERBS, WRITE_VERBS] : [[...READ_VERBS, ...WRITE_VERBS]];
  const verbs = parts.find(part => missing.verbs.every(verb => part.includes(verb)));
  return isOfKind && verbs ? { ...missing, verbs } : missing;
}

/** The rule that locking a kind needs. @param isShared whether only what the ServiceAccount needs that writes */
export function ruleToLock({ group, plural }: Kind, isShared = false): Rule {
  const verbs = isShared ? WRITE_VERBS : [...READ_VERBS, ...WRITE_VERBS];
  return { apiGroups: [group], resources: [plural], verbs };
}

/** What the locker needs to write as a ServiceAccount: also to see that there is one, for the API server takes any name. */
export function grantToWriteAs({ namespace, name }: Account): Grant {
  const rule = {
    apiGroups: [""],
    resources: ["serviceaccounts"],
    resourceNames: [name],
    verbs: ["get", "impersonate"],
  };
  return { rule, to: undefined, namespace };
}
