import { collection, type Body } from "../../hack/lib/objects";
import { deployment, type Chart } from "./chart";
import { definition, version } from "./definitions";
import { NAMESPACE } from "./room";

export const NETWORK = "networking.k8s.io/v1";
const RBAC = "rbac.authorization.k8s.io/v1";
const TOOLS = "tools.example.com";

/** Without list types, as most definitions are written. */
export const tool = definition(TOOLS, "Tool", [
  version("v1", {
    schema: {
      openAPIV3Schema: {
        type: "object",
        properties: {
          spec: {
            type: "object",
            properties: {
              rules: {
                type: "array",
                items: {
                  type: "object",
                  properties: {
                    host: { type: "string" },
                    port: { type: "integer", default: 80 },
                    paths: { type: "array", items: { type: "string" } },
                    tls: { type: "object", "x-kubernetes-preserve-unknown-fields": true },
                  },
                },
              },
              match: {
                type: "object",
                "x-kubernetes-map-type": "atomic",
                additionalProperties: { type: "string" },
              },
            },
          },
        },
      },
    },
  }),
]);

const web = { podSelector: { matchLabels: { app: "web" } } };

const templates: Record<string, Body> = {
  policy: {
    apiVersion: NETWORK,
    kind: "NetworkPolicy",
    metadata: { name: "db" },
    spec: {
      podSelector: { matchLabels: { app: "db" } },
      policyTypes: ["Ingress"],
      ingress: [{ from: [web], ports: [{ port: 5432 }] }],
    },
  },
  budget: {
    apiVersion: "policy/v1",
    kind: "PodDisruptionBudget",
    metadata: { name: "db" },
    spec: { minAvailable: 1, selector: { matchLabels: { app: "db" } } },
  },
  role: {
    apiVersion: RBAC,
    kind: "Role",
    metadata: { name: "reader" },
    rules: [{ apiGroups: [""], resources: ["configmaps"], resourceNames: ["settings"], verbs: ["get"] }],
  },
  binding: {
    apiVersion: RBAC,
    kind: "RoleBinding",
    metadata: { name: "reader" },
    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: "reader" },
    subjects: [{ kind: "ServiceAccount", name: "reader", namespace: NAMESPACE }],
  },
  ingress: {
    apiVersion: NETWORK,
    kind: "Ingress",
    metadata: { name: "web" },
    spec: {
      rules: [
        {
          host: "shop.example.com",
          http: {
            paths: [
              {
                path: "/",
                pathType: "Prefix",
                backend: { service: { name: "web", port: { number: 80 } } },
              },
            ],
          },
        },
      ],
      tls: [{ hosts: ["shop.example.com"], secretName: "shop" }],
    },
  },
  web: deployment("web", {
    containers: [
      {
        name: "web",
        image: "nginx:1.27",
        command: ["nginx", "-g"],
        envFrom: [{ configMapRef: { name: "settings" } }],
        readinessProbe: { httpGet: { path: "/", port: 80, httpHeaders: [{ name: "Host", value: "shop" }] } },
      },
    ],
    tolerations: [{ key: "spot", operator: "Exists" }],
    affinity: {
      nodeAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: {
          nodeSelectorTerms: [{ matchExpressions: [{ key: "disk", operator: "In", values: ["fast"] }] }],
        },
      },
    },
  }),
  tool: {
    apiVersion: `${TOOLS}/v1`,
    kind: "Tool",
    metadata: { name: "hammer" },
    spec: { rules: [{ host: "a.example.com", paths: ["/"], tls: { mode: "off" } }], match: { app: "web" } },
  },
};

/** Objects with lists and maps that have one owner as a whole. */
export const atomicChart: Chart = { templates };

const path = (apiVersion: string, plural: string, name: string): string =>
  `${collection(apiVersion, plural, NAMESPACE)}/${name}`;

export const policy = path(NETWORK, "networkpolicies", "db");
const budget = path("policy/v1", "poddisruptionbudgets", "db");
const role = path(RBAC, "roles", "reader");
const binding = path(RBAC, "rolebindings", "reader");
const ingress = path(NETWORK, "ingresses", "web");
const deploymentPath = path("apps/v1", "deployments", "web");
const toolPath = path(`${TOOLS}/v1`, "tools", "hammer");
const container = "/spec/template/spec/containers/0";
const terms =
  "/spec/template/spec/affinity/nodeAffinity/requiredDuringSchedulingIgnoredDuringExecution/nodeSelectorTerms";

/** What is put where, by a JSON patch: something beside or inside what the chart says there. */
export const insideAtomic: Record<string, [path: string, pointer: string, value: unknown]> = {
  "a namespaceSelector in an ingress rule": [policy, "/spec/ingress/0/from/0/namespaceSelector", {}],
  "a second peer of an ingress rule": [policy, "/spec/ingress/0/from/-", { ipBlock: { cidr: "0.0.0.0/0" } }],
  "an end to the ports of an ingress rule": [policy, "/spec/ingress/0/ports/0/endPort", 65_535],
  "a label of a peer's selector": [policy, "/spec/ingress/0/from/0/podSelector/matchLabels/tier", "front"],
  "a label of the policy's own selector": [policy, "/spec/podSelector/matchLabels/tier", "back"],
  "a label of a PodDisruptionBudget's selector": [budget, "/spec/selector/matchLabels/tier", "none"],
  "an expression of a PodDisruptionBudget's selector": [
    budget,
    "/spec/selector/matchExpressions",
    [{ key: "a", operator: "Exists" }],
  ],
  "a resourceName of a Role": [role, "/rules/0/resourceNames/-", "credentials"],
  "a verb of a Role": [role, "/rules/0/verbs/-", "delete"],
  "a subject of a RoleBinding": [
    binding,
    "/subjects/-",
    { kind: "User", name: "mallory", apiGroup: "rbac.authorization.k8s.io" },
  ],
  "a path of an Ingress": [
    ingress,
    "/spec/rules/0/http/paths/-",
    { path: "/admin", pathType: "Exact", backend: { service: { name: "admin", port: { number: 80 } } } },
  ],
  "a host of an Ingress's certificate": [ingress, "/spec/tls/0/hosts/-", "evil.example.com"],
  "a prefix of envFrom": [deploymentPath, `${container}/envFrom/0/prefix`, "X_"],
  "a source of envFrom": [deploymentPath, `${container}/envFrom/-`, { secretRef: { name: "credentials" } }],
  "a word of a command": [deploymentPath, `${container}/command/-`, "daemon off;"],
  "a header of a probe": [
    deploymentPath,
    `${container}/readinessProbe/httpGet/httpHeaders/-`,
    { name: "X", value: "y" },
  ],
  "a value of a toleration": [deploymentPath, "/spec/template/spec/tolerations/0/effect", "NoExecute"],
  "a term of a node affinity": [
    deploymentPath,
    `${terms}/-`,
    { matchExpressions: [{ key: "any", operator: "Exists" }] },
  ],
  "a field inside a term of a node affinity": [
    deploymentPath,
    `${terms}/0/matchFields`,
    [{ key: "metadata.name", operator: "In", values: ["node-7"] }],
  ],
  "a field of a custom resource's list": [toolPath, "/spec/rules/0/port", 8080],
  "a path in a custom resource's list": [toolPath, "/spec/rules/0/paths/-", "/admin"],
  "an unknown field inside a custom resource's list": [toolPath, "/spec/rules/0/tls/insecure", true],
  "a key of a custom resource's atomic map": [toolPath, "/spec/match/tier", "front"],
};
