import type { JsonObject } from "./json";
import { clusterWide, namespaced, type Subject } from "./subject";
import { storage } from "./subjects-storage";
import { workloads } from "./subjects-workloads";

const RBAC = "rbac.authorization.k8s.io";
const NETWORK = "networking.k8s.io/v1";
const ADMISSION = "admissionregistration.k8s.io/v1";
const FLOW = "flowcontrol.apiserver.k8s.io/v1";
const RESOURCE = "resource.k8s.io/v1";

/** Nothing that the tests ask for: what is generated must not get in their way. */
const NONE = "none.example.com";

const rules = [{ apiGroups: [""], resources: ["configmaps"], resourceNames: ["settings"], verbs: ["get"] }];
const subjects = [{ kind: "ServiceAccount", name: "web", namespace: "shop" }];
const roleRef = (kind: string): JsonObject => ({ apiGroup: RBAC, kind, name: "reader" });
const backend = { service: { name: "web", port: { number: 80 } } };
const operations = [
  { operations: ["CREATE"], apiGroups: [NONE], apiVersions: ["v1"], resources: ["things"] },
];
const matchConstraints = { resourceRules: operations };
const webhooks = [
  {
    name: "a.example.com",
    admissionReviewVersions: ["v1"],
    sideEffects: "None",
    clientConfig: { service: { name: "web", namespace: "shop", path: "/a" }, caBundle: "YQ==" },
    rules: operations,
  },
  {
    name: "b.example.com",
    admissionReviewVersions: ["v1"],
    sideEffects: "None",
    clientConfig: { service: { name: "web", namespace: "shop" } },
    rules: operations,
  },
];
const address = { addresses: [{ ip: "10.0.9.1" }], ports: [{ name: "http", port: 80 }] };
const devices = { devices: { requests: [{ name: "gpu", exactly: { deviceClassName: "gpu" } }] } };

const core: readonly Subject[] = [
  namespaced("v1", "ConfigMap", "configmaps", () => ({ data: { color: "blue" } })),
  namespaced("v1", "ConfigMap", "configmaps", () => ({})),
  namespaced("v1", "Secret", "secrets", () => ({ data: { password: "cw==" } })),
  namespaced("v1", "Secret", "secrets", () => ({})),
  {
    ...namespaced("v1", "Secret", "secrets", () => ({ data: { password: "cw==" } })),
    annotations: { "sealedsecrets.bitnami.com/managed": "true" },
  },
  namespaced("v1", "ServiceAccount", "serviceaccounts", () => ({ automountServiceAccountToken: false })),
  namespaced("v1", "Service", "services", name => ({
    spec: { selector: { app: name }, ports: [{ name: "http", port: 80 }] },
  })),
  namespaced("v1", "Endpoints", "endpoints", () => ({ subsets: [address] })),
  namespaced("discovery.k8s.io/v1", "EndpointSlice", "endpointslices", () => ({
    addressType: "IPv4",
    endpoints: [{ addresses: ["10.0.9.1"] }],
    ports: [{ name: "http", port: 80 }],
  })),
  namespaced("v1", "ResourceQuota", "resourcequotas", () => ({ spec: { hard: { pods: "10" } } })),
];

const networking: readonly Subject[] = [
  namespaced(NETWORK, "NetworkPolicy", "networkpolicies", () => ({
    spec: {
      podSelector: { matchLabels: { app: "db" } },
      ingress: [{ from: [{ podSelector: { matchLabels: { app: "web" } } }], ports: [{ port: 80 }] }],
    },
  })),
  namespaced(NETWORK, "Ingress", "ingresses", () => ({
    spec: {
      rules: [{ host: "a.example.com", http: { paths: [{ path: "/", pathType: "Prefix", backend }] } }],
    },
  })),
  clusterWide(NETWORK, "IngressClass", "ingressclasses", () => ({
    spec: { controller: "example.com/ingress" },
  })),
];

const access: readonly Subject[] = [
  namespaced(`${RBAC}/v1`, "Role", "roles", () => ({ rules })),
  namespaced(`${RBAC}/v1`, "RoleBinding", "rolebindings", () => ({ roleRef: roleRef("Role"), subjects })),
  clusterWide(`${RBAC}/v1`, "ClusterRole", "clusterroles", () => ({ rules })),
  clusterWide(`${RBAC}/v1`, "ClusterRole", "clusterroles", () => ({
    aggregationRule: { clusterRoleSelectors: [{ matchLabels: { "example.com/reader": "true" } }] },
  })),
  clusterWide(`${RBAC}/v1`, "ClusterRoleBinding", "clusterrolebindings", () => ({
    roleRef: roleRef("ClusterRole"),
    subjects,
  })),
  clusterWide(ADMISSION, "ValidatingWebhookConfiguration", "validatingwebhookconfigurations", () => ({
    webhooks,
  })),
  clusterWide(ADMISSION, "MutatingWebhookConfiguration", "mutatingwebhookconfigurations", () => ({
    webhooks,
  })),
  clusterWide(ADMISSION, "ValidatingAdmissionPolicy", "validatingadmissionpolicies", () => ({
    spec: { matchConstraints, validations: [{ expression: "true" }] },
  })),
  clusterWide(ADMISSION, "ValidatingAdmissionPolicyBinding", "validatingadmissionpolicybindings", () => ({
    spec: { policyName: "absent", validationActions: ["Audit"] },
  })),
  clusterWide(ADMISSION, "MutatingAdmissionPolicy", "mutatingadmissionpolicies", () => ({
    spec: {
      matchConstraints,
      reinvocationPolicy: "Never",
      mutations: [{ patchType: "ApplyConfiguration", applyConfiguration: { expression: "Object{}" } }],
    },
  })),
  clusterWide(ADMISSION, "MutatingAdmissionPolicyBinding", "mutatingadmissionpolicybindings", () => ({
    spec: { policyName: "absent" },
  })),
];

const machinery: readonly Subject[] = [
  clusterWide("scheduling.k8s.io/v1", "PriorityClass", "priorityclasses", () => ({ value: 7 })),
  clusterWide("node.k8s.io/v1", "RuntimeClass", "runtimeclasses", () => ({ handler: "runc" })),
  clusterWide(FLOW, "FlowSchema", "flowschemas", () => ({
    spec: {
      priorityLevelConfiguration: { name: "catch-all" },
      rules: [
        {
          subjects: [{ kind: "User", user: { name: "nobody" } }],
          resourceRules: [{ verbs: ["get"], apiGroups: [NONE], resources: ["things"], clusterScope: true }],
        },
      ],
    },
  })),
  clusterWide(FLOW, "PriorityLevelConfiguration", "prioritylevelconfigurations", () => ({
    spec: { type: "Limited", limited: { nominalConcurrencyShares: 1, limitResponse: { type: "Reject" } } },
  })),
  clusterWide(RESOURCE, "DeviceClass", "deviceclasses", () => ({
    spec: { selectors: [{ cel: { expression: "true" } }] },
  })),
  namespaced(RESOURCE, "ResourceClaimTemplate", "resourceclaimtemplates", () => ({
    spec: { spec: devices },
  })),
  namespaced(RESOURCE, "ResourceClaim", "resourceclaims", () => ({ spec: devices })),
  {
    ...clusterWide(
      "apiextensions.k8s.io/v1",
      "CustomResourceDefinition",
      "customresourcedefinitions",
      name => ({
        spec: {
          group: NONE,
          scope: "Namespaced",
          names: { plural: name, singular: name, kind: `K${name}`, listKind: `K${name}List` },
          versions: [
            {
              name: "v1",
              served: true,
              storage: true,
              schema: { openAPIV3Schema: { type: "object", properties: { spec: { type: "object" } } } },
            },
          ],
        },
      }),
    ),
    suffix: `.${NONE}`,
  },
];

/** Every built-in kind that holds configuration. */
export const builtIn: readonly Subject[] = [
  ...core,
  ...workloads,
  ...networking,
  ...access,
  ...storage,
  ...machinery,
];
