import { Api, type User } from "../../hack/lib/api";
import type { Room } from "./room";

const RBAC = "rbac.authorization.k8s.io";

function account(namespace: string, name: string): User {
  const groups = ["system:serviceaccounts", `system:serviceaccounts:${namespace}`, "system:authenticated"];
  return { name: `system:serviceaccount:${namespace}:${name}`, groups };
}

function person(name: string, ...groups: string[]): User {
  return { name, groups: [...groups, "system:authenticated"] };
}

/** Who comes to the API server. */
export const VISITORS = {
  /** Anybody's administrator. */
  master: person("root", "system:masters"),
  /** May write Secrets, so may run Helm. */
  editor: person("jane"),
  /** May write workloads alone. */
  operator: person("otto"),
  /** May write workloads and ConfigMaps, no Secrets. */
  configurer: person("conny"),
  deployer: person("ci-bot", "ci"),
  account: account("shop", "robot"),
  garbageCollector: account("kube-system", "generic-garbage-collector"),
  namespaceController: account("kube-system", "namespace-controller"),
  node: person("system:node:n1", "system:nodes"),
  cloud: person("eks:addon-manager"),
} as const;

export type Visitor = keyof typeof VISITORS;

const ANY = ["*"];
const WORKLOADS = { apiGroups: ["apps", RBAC], resources: ANY, verbs: ANY };
const CONFIG_MAPS = { apiGroups: [""], resources: ["configmaps"], verbs: ANY };
const CORE = { apiGroups: [""], resources: ANY, verbs: ANY };

/** What visitors may do, where that is not everything. */
const RULES: Partial<Record<Visitor, object[]>> = {
  editor: [WORKLOADS, CORE],
  deployer: [WORKLOADS, CORE],
  operator: [WORKLOADS],
  configurer: [WORKLOADS, CONFIG_MAPS],
};

/** Gives each visitor rights such as it has in clusters. */
export async function admitVisitors(room: Room): Promise<void> {
  const apiVersion = `${RBAC}/v1`;
  const roles = Object.entries(RULES).map(([visitor, rules]) => ({
    apiVersion,
    kind: "ClusterRole",
    metadata: { name: `visitor-${visitor}` },
    rules,
  }));
  const bindings = Object.entries(VISITORS).map(([visitor, { name }]) => ({
    apiVersion,
    kind: "ClusterRoleBinding",
    metadata: { name: `visitor-${visitor.toLowerCase()}` },
    roleRef: {
      apiGroup: RBAC,
      kind: "ClusterRole",
      name: Object.hasOwn(RULES, visitor) ? `visitor-${visitor}` : "cluster-admin",
    },
    subjects: [{ apiGroup: RBAC, kind: "User", name }],
  }));
  const list = { apiVersion: "v1", kind: "List", items: [...roles, ...bindings] };
  await room.controlPlane.kubectl(["apply", "--server-side", "-f", "-"], { input: JSON.stringify(list) });
}

/** The client of a visitor; whoever opens it closes it. */
export function visit(room: Room, visitor: Visitor): Promise<Api> {
  return Api.of(room.controlPlane.kubeconfig, VISITORS[visitor]);
}

/** helm's flags for a visitor. */
export function asHelm(visitor: Visitor): string[] {
  const { name, groups } = VISITORS[visitor];
  return [`--kube-as-user=${name}`, ...groups.map(group => `--kube-as-group=${group}`)];
}

/** kubectl's flags for a visitor. */
export function asKubectl(visitor: Visitor): string[] {
  const { name, groups } = VISITORS[visitor];
  return [`--as=${name}`, ...groups.map(group => `--as-group=${group}`)];
}
