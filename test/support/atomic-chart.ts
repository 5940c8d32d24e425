import { type Body } from "../../hack/lib/objects";
import { deployment, type Chart } from "./chart";
import { definition, version } from "./definitions";
import { NAMESPACE } from "./room";

export const NETWORK = "networking.k8s.io/v1";
export const RBAC = "rbac.authorization.k8s.io/v1";
export const TOOLS = "tools.example.com";

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
