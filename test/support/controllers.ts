import { collection, type Body } from "../../hack/lib/objects";
import { deployment } from "./chart";
import { NAMESPACE } from "./room";
import { object, webhook } from "./shapes/kinds";

/** What a well-known controller does to an object of a chart. */
export interface Controlled {
  /** The object as the chart has it; what has no namespace has the release's namespace in its name. */
  readonly object: Body;
  /** Plural and API version of its kind. */
  readonly kind: readonly [apiVersion: string, plural: string];
  /** Its name, for what has no namespace. */
  readonly cluster?: (namespace: string) => string;
  /** The controller's field manager. */
  readonly by: string;
  /** Whether its field manager is what the controller is known by: the same write by others goes back. */
  readonly isByName: boolean;
  /** What the controller writes: a JSON patch. */
  readonly writes: readonly Body[];
  /** Whether the chart leaves that to anybody in any case, so that it is not counted as what the catalogue lets stand. */
  readonly isLeftAnyway?: boolean;
  /** What a hand writes elsewhere: a JSON patch. */
  readonly hand: readonly Body[];
  /** The field of the chart that Helm 4 then no longer owns alone: its next upgrade is refused, locker or not. */
  readonly conflict?: string;
}

const RELEASE_NAMESPACE = "{{ .Release.Namespace }}";

/** Path of a case's object in a namespace. */
export function pathIn(namespace: string, { object: { metadata }, kind, cluster }: Controlled): string {
  const [apiVersion, plural] = kind;
  if (cluster) return `${collection(apiVersion, plural)}/${cluster(namespace)}`;
  return `${collection(apiVersion, plural, namespace)}/${nameOf(metadata)}`;
}

function nameOf(metadata: unknown): string {
  return typeof metadata === "object" && metadata !== null && "name" in metadata ? String(metadata.name) : "";
}

function put(path: string, value: unknown): Body {
  return { op: "add", path, value };
}

const deployments = ["apps/v1", "deployments"] as const;
const services = ["v1", "services"] as const;
const ADMISSION = "admissionregistration.k8s.io/v1";
const validating = [ADMISSION, "validatingwebhookconfigurations"] as const;
const mutating = [ADMISSION, "mutatingwebhookconfigurations"] as const;
const NANNY = "/spec/template/spec/containers/0/resources/requests/cpu";

const image = [put("/spec/template/spec/containers/0/image", "nginx:evil")];
const timeout = [put("/webhooks/0/timeoutSeconds", 7)];
const port = [put("/spec/ports/0/targetPort", 9999)];
const hash = [put("/spec/selector/rollouts-pod-template-hash", "7d9f")];

function service(name: string): Body {
  return object("v1/Service", name, {
    spec: { selector: { app: name }, ports: [{ port: 80, targetPort: 8080 }] },
  });
}

function replicated(name: string): Body {
  return deployment(name, {}, { replicas: 2 });
}

const operation = { initiatedBy: { username: "admin" }, sync: { revision: "HEAD" } };

/** By the controller and what it does. */
export const controllers: Record<string, Controlled> = {
  "Argo CD: its Secret": {
    object: object("v1/Secret", "argocd-secret", {
      type: "Opaque",
      data: { "webhook.github.secret": "b2xk" },
    }),
    kind: ["v1", "secrets"],
    by: "argocd-server",
    isByName: true,
    writes: [put("/data/server.secretkey", "a2V5"), put("/data/admin.password", "cGFzcw==")],
    hand: [put("/data/webhook.github.secret", "bmV3")],
  },
  "Argo CD: an operation": {
    object: object("argoproj.io/v1alpha1/Application", "guestbook", {
      spec: { project: "default", source: { path: "guestbook" } },
    }),
    kind: ["argoproj.io/v1alpha1", "applications"],
    by: "argocd-server",
    isByName: true,
    writes: [put("/operation", operation)],
    hand: [put("/spec/source/path", "elsewhere")],
  },
  "istiod: the failure policy": {
    object: webhook("Validating", `istio-validator-${RELEASE_NAMESPACE}`, {}, { failurePolicy: "Ignore" }),
    kind: validating,
    cluster: namespace => `istio-validator-${namespace}`,
    conflict: ".failurePolicy",
    by: "pilot-discovery",
    isByName: true,
    writes: [put("/webhooks/0/failurePolicy", "Fail")],
    hand: timeout,
  },
  "istiod: the CA of the sidecar injector": {
    object: webhook("Mutating", `istio-sidecar-injector-${RELEASE_NAMESPACE}`, { caBundle: "" }),
    isLeftAnyway: true,
    kind: mutating,
    cluster: namespace => `istio-sidecar-injector-${namespace}`,
    conflict: ".clientConfig.caBundle",
    by: "pilot-discovery",
    isByName: false,
    writes: [put("/webhooks/0/clientConfig/caBundle", "bmV3")],
    hand: timeout,
  },
  "Argo Rollouts: the selector of a Service": {
    object: service("canary"),
    kind: services,
    conflict: ".spec.selector",
    by: "rollouts-controller",
    isByName: true,
    writes: hash,
    hand: port,
  },
  "cert-manager: a CA over the chart's own": {
    object: webhook(
      "Validating",
      `certified-${RELEASE_NAMESPACE}`,
      { caBundle: "b2xk" },
      {
        metadata: { annotations: { "cert-manager.io/inject-ca-from": "shop/ca" } },
      },
    ),
    kind: validating,
    cluster: namespace => `certified-${namespace}`,
    conflict: ".clientConfig.caBundle",
    by: "cert-manager-cainjector",
    isByName: false,
    writes: [put("/webhooks/0/clientConfig/caBundle", "bmV3")],
    hand: timeout,
  },
  "addon-resizer: resources": {
    object: deployment("metrics-server", {
      containers: [
        { name: "metrics-server", image: "metrics-server:1", resources: { requests: { cpu: "40m" } } },
      ],
    }),
    kind: deployments,
    conflict: ".resources.requests.cpu",
    by: "pod_nanny",
    isByName: true,
    writes: [put(NANNY, "48m")],
    hand: image,
  },
  "OpenShift: the CA in a ConfigMap": {
    object: object(
      "v1/ConfigMap",
      "trusted",
      { data: { color: "blue" } },
      {
        annotations: { "service.beta.openshift.io/inject-cabundle": "true" },
      },
    ),
    kind: ["v1", "configmaps"],
    by: "service-ca-operator",
    isByName: false,
    writes: [put("/data/service-ca.crt", "a CA")],
    hand: [put("/data/color", "red")],
  },
  "Flagger: the replicas of a canary": {
    object: replicated("podinfo"),
    kind: deployments,
    conflict: ".spec.replicas",
    by: "flagger",
    isByName: true,
    writes: [put("/spec/replicas", 0)],
    hand: image,
  },
  "Flagger: the selector of a Service": {
    object: service("podinfo"),
    kind: services,
    conflict: ".spec.selector",
    by: "flagger",
    isByName: true,
    writes: [put("/spec/selector/app", "podinfo-primary")],
    hand: port,
  },
  "Sealed Secrets: what it unseals": {
    object: object(
      "v1/Secret",
      "sealed",
      { type: "Opaque", data: { password: "b2xk" } },
      {
        annotations: { "sealedsecrets.bitnami.com/managed": "true" },
      },
    ),
    kind: ["v1", "secrets"],
    conflict: ".data.password",
    by: "controller",
    isByName: false,
    writes: [put("/data/password", "bmV3"), put("/data/user", "bWU=")],
    hand: [put("/metadata/annotations/sealedsecrets.bitnami.com~1managed", "false")],
  },
  "Rancher: redeploy": {
    object: replicated("redeployed"),
    kind: deployments,
    by: "rancher",
    isByName: false,
    writes: [put("/spec/template/metadata/annotations", { "cattle.io/timestamp": "2026-01-01T00:00:00Z" })],
    hand: image,
  },
  "Tekton: the rules of its webhook": {
    object: webhook("Validating", `validation-${RELEASE_NAMESPACE}.webhook.tekton.dev`),
    kind: validating,
    cluster: namespace => `validation-${namespace}.webhook.tekton.dev`,
    conflict: ".rules",
    by: "webhook",
    isByName: true,
    writes: [put("/webhooks/0/rules/0/resources", ["pods", "pods/status"])],
    hand: timeout,
  },
  "Crossplane: the composite of a claim": {
    object: object("example.com/v1/Database", "orders", { spec: { size: "small" } }),
    kind: ["example.com/v1", "databases"],
    by: "apiextensions.crossplane.io/claim",
    isByName: true,
    writes: [
      put("/spec/resourceRef", { apiVersion: "example.com/v1", kind: "XDatabase", name: "orders-x7k2p" }),
    ],
    hand: [put("/spec/size", "huge")],
  },
  "Kubernetes: the claim of a PersistentVolume": {
    object: object("v1/PersistentVolume", `archive-${RELEASE_NAMESPACE}`, {
      spec: {
        capacity: { storage: "1Gi" },
        accessModes: ["ReadWriteOnce"],
        storageClassName: "slow",
        hostPath: { path: "/x" },
      },
    }),
    kind: ["v1", "persistentvolumes"],
    cluster: namespace => `archive-${namespace}`,
    by: "kube-controller-manager",
    isByName: false,
    writes: [put("/spec/claimRef", { kind: "PersistentVolumeClaim", name: "archive", namespace: NAMESPACE })],
    hand: [put("/spec/storageClassName", "fast")],
  },
};
