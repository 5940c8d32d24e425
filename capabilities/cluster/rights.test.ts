import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { kindOf } from "../kube/kinds";
import { missingRule, neededToLock, type Rule } from "./rights";

const user = "system:serviceaccount:tools:locker";
const escalation = `user "${user}" (groups=["system:authenticated"]) is attempting to grant RBAC permissions not currently held:\n{APIGroups:[""], Resources:["pods"], Verbs:["get"]}`;
const rbac = "rbac.authorization.k8s.io";

function rule(apiGroup: string, resources: string | string[], ...verbs: string[]): Rule {
  return { apiGroups: [apiGroup], resources: [resources].flat(), verbs };
}

describe("missingRule", () => {
  const cases: [what: string, message: string, rule: Rule | undefined][] = [
    [
      "a right to one object",
      `configmaps "settings" is forbidden: User "${user}" cannot patch resource "configmaps" in API group "" in the namespace "shop" (PATCH /api/v1/namespaces/shop/configmaps/settings)`,
      rule("", "configmaps", "patch"),
    ],
    [
      "a right to a kind in the whole cluster",
      `deployments.apps is forbidden: User "${user}" cannot list resource "deployments" in API group "apps" at the cluster scope: RBAC: clusterrole "gone" not found`,
      rule("apps", "deployments", "list"),
    ],
    [
      "a right to a subresource",
      `helmreleases.helm.cattle.io "web" is forbidden: User "${user}" cannot patch resource "helmreleases/status" in API group "helm.cattle.io" in the namespace "locks"`,
      rule("helm.cattle.io", "helmreleases/status", "patch"),
    ],
    [
      "the right to write a Role that grants more",
      `roles.${rbac} "a" is forbidden: ${escalation}`,
      rule(rbac, "roles", "escalate"),
    ],
    [
      "the right to write a ClusterRole that grants more",
      `clusterroles.${rbac} "a" is forbidden: ${escalation}`,
      rule(rbac, "clusterroles", "escalate"),
    ],
    [
      "the right to bind a role that grants more",
      `rolebindings.${rbac} "a" is forbidden: ${escalation}`,
      rule(rbac, ["roles", "clusterroles"], "bind"),
    ],
    [
      "the right to bind a ClusterRole that grants more",
      `clusterrolebindings.${rbac} "a" is forbidden: ${escalation}`,
      rule(rbac, "clusterroles", "bind"),
    ],
    [
      "the right to impersonate",
      `serviceaccounts "shop-locker" is forbidden: User "${user}" cannot impersonate resource "serviceaccounts" in API group "" in the namespace "shop"`,
      rule("", "serviceaccounts", "impersonate"),
    ],
    [
      "the right to impersonate, as Kubernetes names it since 1.36",
      `configmaps "settings" is forbidden: User "${user}" cannot impersonate-on:serviceaccount:patch resource "configmaps" in API group "" in the namespace "shop"`,
      rule("", "serviceaccounts", "impersonate"),
    ],
    [
      "the right to impersonate, as Kubernetes names a part of it",
      `serviceaccounts.authentication.k8s.io "shop-locker" is forbidden: User "${user}" cannot impersonate:serviceaccount resource "serviceaccounts" in API group "authentication.k8s.io" in the namespace "shop"`,
      rule("", "serviceaccounts", "impersonate"),
    ],
    [
      "nothing for a quota",
      'configmaps "a" is forbidden: exceeded quota: full, used: configmaps=1',
      undefined,
    ],
    ["nothing for Pod Security", 'pods "a" is forbidden: violates PodSecurity "baseline:latest"', undefined],
    [
      "nothing for a webhook, whatever it says",
      `admission webhook "x" denied the request: configmaps "a" is forbidden: User "b" cannot patch resource "secrets" in API group ""`,
      undefined,
    ],
    [
      "nothing for a policy",
      `configmaps "a" is forbidden: ValidatingAdmissionPolicy 'no-blue' with binding 'no-blue' denied request: no`,
      undefined,
    ],
  ];

  for (const [what, message, expected] of cases) {
    it(`names ${what}`, () => {
      assert.deepEqual(missingRule(message), expected);
    });
  }
});

describe("neededToLock", () => {
  const deployments = kindOf({
    apiVersion: "apps/v1",
    kind: "Deployment",
    plural: "deployments",
    namespaced: true,
  });
  const all = ["get", "list", "watch", "create", "patch", "delete"];

  const cases: [what: string, missing: Rule, verbs: string[]][] = [
    ["all that the kind needs", rule("apps", "deployments", "list"), all],
    ["only what is missing of another kind", rule("autoscaling", "deployments", "list"), ["list"]],
    ["only what is missing of a kind read besides", rule("apps", "replicasets", "list"), ["list"]],
    [
      "only what is missing beyond the kind's own verbs",
      rule("apps", "deployments", "escalate"),
      ["escalate"],
    ],
  ];

  for (const [what, missing, verbs] of cases) {
    it(`asks for ${what}`, () => {
      assert.deepEqual(neededToLock(deployments, missing), { ...missing, verbs });
    });
  }

  it("asks for no more than reading or writing, where somebody else does the other", () => {
    const [reads, writes] = ["list", "patch"].map(
      verb => neededToLock(deployments, rule("apps", "deployments", verb), true).verbs,
    );
    assert.deepEqual(reads, ["get", "list", "watch"]);
    assert.deepEqual(writes, ["create", "patch", "delete"]);
  });

  it("knows the group without a name", () => {
    const pods = kindOf({ apiVersion: "v1", kind: "Pod", plural: "pods", namespaced: true });
    assert.deepEqual(neededToLock(pods, rule("", "pods", "watch")).verbs, all);
  });
});
