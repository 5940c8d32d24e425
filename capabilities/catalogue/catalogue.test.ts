import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { find, without, type FieldPath, type FieldSet } from "../kube/managed-fields";
import { isObject, type Json, type JsonObject, type KubeObject } from "../kube/object";
import { withOwnership } from "../release/ownership";
import { readYaml } from "../release/yaml/yaml";
import { catalogueOf } from "./catalogue";
import { CATALOGUE } from "./entries";
import type { Entry, Target } from "./entry";
import { decide } from "../drift/decide";
import { UNANSWERED, type Operation } from "../drift/operation";
import { nameOf } from "../drift/items";
import { learnFromApply } from "../drift/known";
import { isItem, leadsTo, type Step } from "../kube/path";
import { parsePath } from "../kube/path-text";

const release = { name: "web", namespace: "shop" };

/** What a controller does to an object, and what a hand does to it. */
interface Case {
  /** The object as the chart has it: YAML. */
  readonly chart: string;
  /** What the controller makes of it: YAML that is merged into it, items of lists by name; null takes a field away. */
  readonly writes: string;
  /** The manager that the API server notes, and the fields that it notes for it, in the notation of kube/path.ts. */
  readonly by: string;
  readonly owns: readonly string[];
  readonly subresource?: string;
  /** Lists and maps that have one owner as a whole. */
  readonly atomic?: readonly string[];
  /** A value of the chart, elsewhere in the object, that somebody changes: it goes back. */
  readonly hand: string;
}

const WEB = "/spec/template/spec/containers/[name=web]/image";

const DEPLOYMENT = `
  apiVersion: apps/v1
  kind: Deployment
  metadata: { name: web, labels: { app: web } }
  spec:
    replicas: 2
    template:
      metadata: { labels: { app: web } }
      spec: { containers: [{ name: web, image: "nginx:1", env: [{ name: COLOR, value: blue }] }] }
`;

/** An object of a kind, with more at its end. */
function object(type: string, more: string, metadata = "name: web"): string {
  const slash = type.lastIndexOf("/");
  return `{ apiVersion: ${type.slice(0, slash)}, kind: ${type.slice(slash + 1)}, metadata: { ${metadata} }, ${more} }`;
}

function annotated(annotation: string): string {
  return `name: web, annotations: { ${annotation} }`;
}

/** A new annotation on the Pod template. */
function restart(by: string, key: string): Case {
  const path = `/spec/template/metadata/annotations/${key.replaceAll("/", "~1")}`;
  const writes = `spec: { template: { metadata: { annotations: { "${key}": "2026-01-01" } } } }`;
  return { chart: DEPLOYMENT, writes, by, owns: [path], hand: WEB };
}

/** Other replicas. */
function scale(by: string, more: Partial<Case> = {}): Case {
  return {
    chart: DEPLOYMENT,
    writes: "spec: { replicas: 5 }",
    by,
    owns: ["/spec/replicas"],
    hand: WEB,
    ...more,
  };
}

/** A webhook configuration; the chart's webhook has more. */
function webhooks(kind: string, name: string, more: string): string {
  return object(
    `admissionregistration.k8s.io/v1/${kind}`,
    `webhooks: [{ name: a.example.com, sideEffects: None, clientConfig: { service: { name: web, namespace: shop } }, ${more} }]`,
    `name: ${name}`,
  );
}

const HOOK = "/webhooks/[name=a.example.com]";
const SIDE_EFFECTS = `${HOOK}/sideEffects`;

function failurePolicy(by: string, name: string): Case {
  return {
    chart: webhooks("ValidatingWebhookConfiguration", name, "failurePolicy: Ignore"),
    writes: "webhooks: [{ name: a.example.com, failurePolicy: Fail }]",
    by,
    owns: [`${HOOK}/failurePolicy`],
    hand: SIDE_EFFECTS,
  };
}

/** A CA bundle over the chart's own. */
function bundle(by: string, annotation: string): Case {
  return {
    chart: object(
      "apiregistration.k8s.io/v1/APIService",
      "spec: { caBundle: OLD, version: v1, versionPriority: 100 }",
      annotated(annotation),
    ),
    writes: "spec: { caBundle: NEW }",
    by,
    owns: ["/spec/caBundle"],
    hand: "/spec/version",
  };
}

/** A value of a ConfigMap or Secret beside, or over, the chart's own. */
function data(
  by: string,
  metadata: string,
  values: string,
  { kind = "Secret", key = "password" }: { kind?: string; key?: string } = {},
): Case {
  return {
    chart: object(`v1/${kind}`, `data: { ${values} }, type: Opaque`, metadata),
    writes: `data: { ${key}: bmV3 }`,
    by,
    owns: [`/data/${key}`],
    hand: "/type",
  };
}

const LABELLED = "name: web, labels: { app: web }";
const LABEL = "/metadata/labels/app";
const SERVICE = object("v1/Service", "spec: { type: ClusterIP, selector: { app: web } }");
const VIRTUAL_SERVICE = object(
  "networking.istio.io/v1/VirtualService",
  `spec: { hosts: [web], http: [{ route: [
    { destination: { host: stable }, weight: 100 }, { destination: { host: canary }, weight: 0 }
  ] }] }`,
  LABELLED,
);
const ROUTE = (annotation: string) =>
  object(
    "route.openshift.io/v1/Route",
    "spec: { host: a.example.com, tls: { termination: edge } }",
    annotated(annotation),
  );
const APPLICATION = object(
  "argoproj.io/v1alpha1/Application",
  "spec: { project: default, source: { repoURL: https://example.com, helm: { releaseName: web } } }",
  annotated("argocd-image-updater.argoproj.io/image-list: nginx"),
);
const IMAGE: Omit<Case, "chart" | "by"> = {
  writes: "spec: { template: { spec: { containers: [{ name: web, image: 'nginx:2' }] } } }",
  owns: [WEB],
  hand: "/spec/template/spec/containers/[name=web]/env/[name=COLOR]/value",
};

const CASES: Record<string, Case> = {
  "Kubernetes: the revision of a Deployment": {
    chart: DEPLOYMENT.replace(
      "labels: { app: web }",
      'annotations: { deployment.kubernetes.io/revision: "1" }',
    ),
    writes: 'metadata: { annotations: { deployment.kubernetes.io/revision: "7" } }',
    by: "kube-controller-manager",
    owns: ["/metadata/annotations/deployment.kubernetes.io~1revision"],
    hand: WEB,
  },
  "Kubernetes: the claim that a PersistentVolume is bound to": {
    chart: object("v1/PersistentVolume", "spec: { storageClassName: fast, capacity: { storage: 1Gi } }"),
    writes: "spec: { claimRef: { kind: PersistentVolumeClaim, name: data, namespace: shop, uid: u } }",
    by: "kube-controller-manager",
    owns: ["/spec/claimRef/kind", "/spec/claimRef/name", "/spec/claimRef/namespace", "/spec/claimRef/uid"],
    hand: "/spec/storageClassName",
  },
  "Kubernetes: the volume that a PersistentVolumeClaim is bound to": {
    chart: object("v1/PersistentVolumeClaim", "spec: { storageClassName: fast }"),
    writes: "spec: { volumeName: pvc-1 }",
    by: "k3s",
    owns: ["/spec/volumeName"],
    hand: "/spec/storageClassName",
  },
  "Kubernetes: the node that a Pod is bound to": {
    chart: object("v1/Pod", "spec: { serviceAccountName: web, containers: [{ name: web, image: nginx }] }"),
    writes: "spec: { nodeName: node-1 }",
    by: "kube-scheduler",
    owns: ["/spec/nodeName"],
    hand: "/spec/serviceAccountName",
  },
  "Kubernetes: the token of a ServiceAccount in a Secret": data(
    "kube-controller-manager",
    annotated("kubernetes.io/service-account.name: web"),
    "extra: eA==",
    { key: "token" },
  ),

  "kubectl: rollout restart": restart("kubectl-rollout", "kubectl.kubernetes.io/restartedAt"),
  "Rancher: redeploy": restart("rancher", "cattle.io/timestamp"),
  "OpenShift: restart rollout": restart("Mozilla", "openshift.openshift.io/restartedAt"),
  "KubeSphere: redeploy": restart("Mozilla", "kubesphere.io/restartedAt"),
  "Argo Rollouts: restart": {
    chart: object("argoproj.io/v1alpha1/Rollout", "spec: { replicas: 2, paused: false }"),
    writes: "spec: { restartAt: '2026-01-01' }",
    by: "kubectl-argo-rollouts",
    owns: ["/spec/restartAt"],
    hand: "/spec/paused",
  },
  "Reloader: annotation": restart("manager", "reloader.stakater.com/last-reloaded-from"),
  "Reloader: environment variables": {
    chart: DEPLOYMENT,
    writes: `spec: { template: { spec: { containers: [
      { name: web, env: [{ name: STAKATER_WEB_CONFIGMAP, value: abc }] }
    ] } } }`,
    by: "manager",
    owns: ["name", "value"].map(
      field => `/spec/template/spec/containers/[name=web]/env/[name=STAKATER_WEB_CONFIGMAP]/${field}`,
    ),
    hand: "/spec/template/spec/containers/[name=web]/env/[name=COLOR]/value",
  },
  "Reloader: pause of a Deployment": {
    chart: DEPLOYMENT.replace(
      "labels: { app: web }",
      "annotations: { deployment.reloader.stakater.com/pause-period: 5m }",
    ),
    writes: "spec: { paused: true }",
    by: "manager",
    owns: ["/spec/paused"],
    hand: WEB,
  },
  "Wave: the hash of the configuration": restart("manager", "wave.pusher.com/config-hash"),
  "Keel: the time of an update": restart("keel", "keel.sh/update-time"),
  "Vault Secrets Operator: restart": restart(
    "vault-secrets-operator",
    "vso.secrets.hashicorp.com/restartedAt",
  ),
  "Bank-Vaults: the count of reloads": restart(
    "vault-secrets-reloader",
    "alpha.vault.security.banzaicloud.io/secret-reload-count",
  ),
  "1Password: restart": restart("manager", "operator.1password.io/last-restarted"),
  "Doppler: the version of a secret": restart("manager", "secrets.doppler.com/secretsupdate.api"),
  "Infisical: the version of a secret": restart("manager", "secrets.infisical.com/managed-secret.api"),
  "Telepresence: restart": restart("traffic", "telepresence.getambassador.io/restartedAt"),
  "Datadog: rollout of resources": restart("datadog-cluster-agent", "autoscaling.datadoghq.com/rolloutAt"),

  "Istio: the failure policy of the validation": failurePolicy("pilot-discovery", "istiod-default-validator"),
  "kube-webhook-certgen: the failure policy of webhooks": failurePolicy(
    "kube-webhook-certgen",
    "monitoring-admission",
  ),
  "Knative, Tekton, Sigstore, Karpenter: their own webhooks": {
    chart: webhooks("ValidatingWebhookConfiguration", "policy.sigstore.dev", "failurePolicy: Fail"),
    writes: `webhooks: [{ name: a.example.com, rules: [{ operations: [CREATE] }],
      clientConfig: { service: { path: /validations } },
      namespaceSelector: { matchExpressions: [{ key: webhooks.knative.dev/exclude }] } }]`,
    by: "webhook",
    owns: [`${HOOK}/rules`, `${HOOK}/namespaceSelector`, `${HOOK}/clientConfig/service/path`],
    hand: SIDE_EFFECTS,
  },
  "Rancher: its webhooks": {
    chart: object(
      "admissionregistration.k8s.io/v1/MutatingWebhookConfiguration",
      "webhooks: []",
      "name: rancher.cattle.io, labels: { app: rancher }",
    ),
    writes: "webhooks: [{ name: rancher.cattle.io, failurePolicy: Fail }]",
    by: "webhook",
    owns: ["/webhooks/[name=rancher.cattle.io]/name", "/webhooks/[name=rancher.cattle.io]/failurePolicy"],
    hand: LABEL,
  },
  "AKS: the namespaces of webhooks": {
    chart: webhooks(
      "MutatingWebhookConfiguration",
      "web",
      "namespaceSelector: { matchLabels: { web: 'true' } }",
    ),
    writes: `webhooks: [{ name: a.example.com,
      namespaceSelector: { matchExpressions: [{ key: kubernetes.azure.com/managedby }] } }]`,
    by: "admissionsenforcer",
    owns: [`${HOOK}/namespaceSelector`],
    atomic: [`${HOOK}/namespaceSelector`],
    hand: SIDE_EFFECTS,
  },

  "cert-manager: CA bundles": bundle("cainjector", "cert-manager.io/inject-ca-from: shop/web"),
  "OpenShift: CA bundles of services": bundle(
    "service-ca-operator",
    "service.beta.openshift.io/inject-cabundle: 'true'",
  ),
  "OpenShift: the CA of services in a ConfigMap": data(
    "service-ca-operator",
    annotated("service.beta.openshift.io/inject-cabundle: 'true'"),
    "color: blue",
    { kind: "ConfigMap", key: "service-ca.crt" },
  ),
  "OpenShift: the trusted CAs in a ConfigMap": data(
    "cluster-network-operator",
    "name: web, labels: { config.openshift.io/inject-trusted-cabundle: 'true' }",
    "ca-bundle.crt: ''",
    { kind: "ConfigMap", key: "ca-bundle.crt" },
  ),
  "cert-utils-operator: CA bundles": bundle(
    "manager",
    "cert-utils-operator.redhat-cop.io/injectca-from-secret: shop/web",
  ),
  "cert-utils-operator: the certificate of a Route": {
    chart: ROUTE("cert-utils-operator.redhat-cop.io/certs-from-secret: web"),
    writes: "spec: { tls: { certificate: CERT, key: KEY } }",
    by: "manager",
    owns: ["/spec/tls/certificate", "/spec/tls/key"],
    hand: "/spec/tls/termination",
  },
  "cert-utils-operator: key stores": data(
    "manager",
    annotated("cert-utils-operator.redhat-cop.io/generate-java-keystores: 'true'"),
    "tls.crt: eA==",
    { key: "keystore.jks" },
  ),
  "cert-manager: the certificate of a Route": {
    chart: ROUTE("cert-manager.io/issuer-name: letsencrypt"),
    writes: "spec: { tls: { certificate: CERT, key: KEY, insecureEdgeTerminationPolicy: Redirect } }",
    by: "cert-manager-openshift-routes",
    owns: ["/spec/tls/certificate", "/spec/tls/key", "/spec/tls/insecureEdgeTerminationPolicy"],
    hand: "/spec/tls/termination",
  },
  "cert-manager: the challenge in an Ingress": {
    chart: object(
      "networking.k8s.io/v1/Ingress",
      "spec: { ingressClassName: nginx, rules: [{ host: a.example.com, http: { paths: [{ path: / }] } }] }",
      annotated("acme.cert-manager.io/http01-edit-in-place: 'true'"),
    ),
    writes: `spec: { rules: [{ host: a.example.com, http: { paths: [
      { path: / }, { path: /.well-known/acme-challenge/token }
    ] } }] }`,
    by: "cert-manager-challenges",
    owns: ["/spec/rules"],
    atomic: ["/spec/rules"],
    hand: "/spec/ingressClassName",
  },

  "kubernetes-replicator: the copy of an object": data(
    "replicator",
    annotated("replicator.v1.mittwald.de/replicate-from: vault/web"),
    "password: ''",
  ),
  "Reflector: the copy of an object": data(
    "ES.Kubernetes.Reflector",
    annotated("reflector.v1.k8s.emberstack.com/reflects: vault/web"),
    "password: eA==",
  ),
  "kubernetes-secret-generator: generated values": data(
    "kubernetes-secret-generator",
    annotated("secret-generator.v1.mittwald.de/autogenerate: password"),
    "username: eA==",
  ),
  "secretgen-controller: pull secrets": data(
    "secretgen-controller",
    annotated("secretgen.carvel.dev/image-pull-secret: ''"),
    ".dockerconfigjson: e30K",
    { key: ".dockerconfigjson" },
  ),
  "Sealed Secrets: the data of a managed Secret": data(
    "controller",
    annotated("sealedsecrets.bitnami.com/managed: 'true'"),
    "password: eA==",
  ),
  "Argo CD: its own Secret": data("argocd-server", "name: argocd-secret", "webhook.github.secret: eA==", {
    key: "accounts.alice.tokens",
  }),

  "addon-resizer: the resources of an addon": {
    chart: DEPLOYMENT.replace("env:", "resources: { requests: { cpu: 100m } }, env:").replace(
      "name: web, image",
      "name: metrics-server, image",
    ),
    writes: `spec: { template: { spec: { containers: [
      { name: metrics-server, resources: { requests: { cpu: 140m } } }
    ] } } }`,
    by: "pod_nanny",
    owns: ["/spec/template/spec/containers/[name=metrics-server]/resources/requests/cpu"],
    hand: "/spec/template/spec/containers/[name=metrics-server]/image",
  },
  "cluster-proportional-autoscaler: replicas": scale("cluster-proportional-autoscaler", {
    subresource: "scale",
  }),
  "kube-downscaler: less at night": scale("pykube-ng", {
    chart: DEPLOYMENT.replace(
      "labels: { app: web }",
      "annotations: { downscaler/uptime: Mon-Fri 07:30-20:30 UTC }",
    ),
    writes: "spec: { replicas: 0 }",
  }),
  "kube-green: sleep": {
    chart: object("batch/v1/CronJob", "spec: { suspend: false, schedule: '@daily' }"),
    writes: "spec: { suspend: true }",
    by: "kube-green",
    owns: ["/spec/suspend"],
    hand: "/spec/schedule",
  },
  "Grafana's rollout-operator: replicas of a zone": scale("rollout-operator", {
    chart: DEPLOYMENT.replace("kind: Deployment", "kind: StatefulSet").replace(
      "labels: { app: web }",
      "annotations: { grafana.com/rollout-downscale-leader: web-zone-a }",
    ),
    subresource: "scale",
  }),
  "pvc-autoresizer: the size of a volume": {
    chart: object(
      "v1/PersistentVolumeClaim",
      "spec: { storageClassName: fast, resources: { requests: { storage: 1Gi } } }",
      annotated("resize.topolvm.io/storage_limit: 10Gi"),
    ),
    writes: "spec: { resources: { requests: { storage: 2Gi } } }",
    by: "pvc-autoresizer",
    owns: ["/spec/resources/requests/storage"],
    hand: "/spec/storageClassName",
  },
  "Cluster API: replicas of machines": scale("cluster-autoscaler", {
    chart: object(
      "cluster.x-k8s.io/v1beta1/MachineDeployment",
      "spec: { replicas: 1, clusterName: web }",
      annotated("cluster.x-k8s.io/cluster-api-autoscaler-node-group-max-size: '9'"),
    ),
    subresource: "scale",
    hand: "/spec/clusterName",
  }),
  "Ray: workers of a cluster": {
    chart: object(
      "ray.io/v1/RayCluster",
      "spec: { enableInTreeAutoscaling: true, rayVersion: 2.9.0, workerGroupSpecs: [{ groupName: a, replicas: 1 }] }",
    ),
    writes:
      "spec: { workerGroupSpecs: [{ groupName: a, replicas: 3, scaleStrategy: { workersToDelete: [x] } }] }",
    by: "python-requests",
    owns: ["/spec/workerGroupSpecs"],
    atomic: ["/spec/workerGroupSpecs"],
    hand: "/spec/rayVersion",
  },
  "Elasticsearch: autoscaled node sets": {
    chart: object(
      "elasticsearch.k8s.elastic.co/v1/Elasticsearch",
      "spec: { version: 8.0.0, nodeSets: [{ name: hot, count: 3 }] }",
    ),
    writes: "spec: { nodeSets: [{ name: hot, count: 5 }] }",
    by: "elastic-operator",
    owns: ["/spec/nodeSets"],
    atomic: ["/spec/nodeSets"],
    hand: "/spec/version",
  },
  "Kueue: when queued work runs": {
    chart: object(
      "ray.io/v1/RayJob",
      "spec: { suspend: true, entrypoint: run }",
      "name: web, labels: { kueue.x-k8s.io/queue-name: batch }",
    ),
    writes: "spec: { suspend: false }",
    by: "kueue",
    owns: ["/spec/suspend"],
    hand: "/spec/entrypoint",
  },
  "Kueue: where a queued Job runs": {
    chart: object(
      "batch/v1/Job",
      `spec: { backoffLimit: 3, template: { metadata: { annotations: { note: x } },
        spec: { nodeSelector: { disk: ssd }, containers: [{ name: web, image: 'nginx:1' }] } } }`,
      "name: web, labels: { kueue.x-k8s.io/queue-name: batch }",
    ),
    writes: `spec: { template: { metadata: { annotations: { kueue.x-k8s.io/workload: a } },
      spec: { nodeSelector: { pool: spot }, tolerations: [{ key: spot }] } } }`,
    by: "kueue",
    owns: [
      "/spec/template/metadata/annotations/kueue.x-k8s.io~1workload",
      "/spec/template/spec/nodeSelector",
      "/spec/template/spec/tolerations",
    ],
    atomic: ["/spec/template/spec/nodeSelector"],
    hand: "/spec/backoffLimit",
  },

  "Argo Rollouts: the Pods of a Service": {
    chart: SERVICE,
    writes: "spec: { selector: { rollouts-pod-template-hash: 6fd44bcc96 } }",
    by: "rollouts-controller",
    owns: ["/spec/selector"],
    atomic: ["/spec/selector"],
    hand: "/spec/type",
  },
  "Argo Rollouts: the weights of a VirtualService": {
    chart: VIRTUAL_SERVICE,
    writes: `spec: { http: [{ route: [
      { destination: { host: stable }, weight: 80 }, { destination: { host: canary }, weight: 20 }
    ] }] }`,
    by: "rollouts-controller",
    owns: ["/spec/http"],
    atomic: ["/spec/http", "/spec/hosts"],
    hand: LABEL,
  },
  "Argo Rollouts: the subsets of a DestinationRule": {
    chart: object(
      "networking.istio.io/v1/DestinationRule",
      "spec: { host: web, subsets: [{ name: canary, labels: { app: web } }, { name: stable, labels: { app: web } }] }",
    ),
    writes: `spec: { subsets: [
      { name: canary, labels: { rollouts-pod-template-hash: b } },
      { name: stable, labels: { rollouts-pod-template-hash: a } }
    ] }`,
    by: "rollouts-controller",
    owns: ["/spec/subsets"],
    atomic: ["/spec/subsets"],
    hand: "/spec/host",
  },
  "Argo Rollouts: the weights of an HTTPRoute": {
    chart: object(
      "gateway.networking.k8s.io/v1/HTTPRoute",
      "spec: { hostnames: [web], rules: [{ backendRefs: [{ name: stable }, { name: canary }] }] }",
      LABELLED,
    ),
    writes:
      "spec: { rules: [{ backendRefs: [{ name: stable, weight: 80 }, { name: canary, weight: 20 }] }] }",
    by: "gatewayAPI",
    owns: ["/spec/rules"],
    atomic: ["/spec/rules", "/spec/hostnames"],
    hand: LABEL,
  },
  "Argo Rollouts: the weights of an ALB": {
    chart: object(
      "networking.k8s.io/v1/Ingress",
      "spec: { ingressClassName: alb }",
      annotated("alb.ingress.kubernetes.io/actions.web: '{}'"),
    ),
    writes: `metadata: { annotations: { alb.ingress.kubernetes.io/actions.web: '{"Weight":20}' } }`,
    by: "rollouts-controller",
    owns: ["/metadata/annotations/alb.ingress.kubernetes.io~1actions.web"],
    hand: "/spec/ingressClassName",
  },
  "Argo Rollouts: the Deployment that a Rollout refers to": scale("rollouts-controller", {
    writes: "spec: { replicas: 0 }",
  }),
  "Flagger: the replicas of a canary": scale("flagger", { writes: "spec: { replicas: 0 }" }),
  "Flagger: the Pods of a Service": {
    chart: SERVICE.replace("app: web", "app: web, tier: front"),
    writes: "spec: { selector: { app: web-primary, tier: null } }",
    by: "flagger",
    owns: ["/spec/selector"],
    atomic: ["/spec/selector"],
    hand: "/spec/type",
  },
  "Keel: images": {
    ...IMAGE,
    chart: DEPLOYMENT.replace("labels: { app: web }", "annotations: { keel.sh/policy: minor }"),
    by: "keel",
  },
  "OpenShift: images of an image stream": {
    ...IMAGE,
    chart: DEPLOYMENT.replace("labels: { app: web }", "annotations: { image.openshift.io/triggers: '[]' }"),
    by: "openshift-controller-manager",
  },
  "OpenShift: images of a DeploymentConfig": {
    ...IMAGE,
    chart: object(
      "apps.openshift.io/v1/DeploymentConfig",
      `spec: { replicas: 1, triggers: [{ type: ImageChange, imageChangeParams: { automatic: true } }],
        template: { spec: { containers: [{ name: web, image: ' ' }] } } }`,
    ),
    writes: `spec: { triggers: [{ type: ImageChange, imageChangeParams: { automatic: true, lastTriggeredImage: x } }],
      template: { spec: { containers: [{ name: web, image: 'nginx@sha256:1' }] } } }`,
    by: "openshift-controller-manager",
    owns: [WEB, "/spec/triggers"],
    atomic: ["/spec/triggers"],
    hand: "/spec/replicas",
  },
  "OpenShift: the image that a BuildConfig has seen last": {
    chart: object(
      "build.openshift.io/v1/BuildConfig",
      "spec: { runPolicy: Serial, triggers: [{ type: ImageChange, imageChange: {} }] }",
    ),
    writes: "spec: { triggers: [{ type: ImageChange, imageChange: { lastTriggeredImageID: x } }] }",
    by: "openshift-controller-manager",
    owns: ["/spec/triggers"],
    atomic: ["/spec/triggers"],
    hand: "/spec/runPolicy",
  },
  "Argo CD Image Updater: images of an Application": {
    chart: APPLICATION,
    writes: "spec: { source: { helm: { parameters: [{ name: image.tag, value: v2 }] } } }",
    by: "argocd-image-updater",
    owns: ["/spec/source/helm/parameters"],
    hand: "/spec/project",
  },
  "Argo CD: the operation of an Application": {
    chart: APPLICATION,
    writes: "operation: { sync: { revision: main } }",
    by: "argocd-server",
    owns: ["/operation/sync/revision"],
    hand: "/spec/project",
  },
  "Argo CD: the tokens of a project": {
    chart: object(
      "argoproj.io/v1alpha1/AppProject",
      "spec: { description: web, roles: [{ name: ci, policies: [] }] }",
    ),
    writes: "spec: { roles: [{ name: ci, jwtTokens: [{ iat: 1 }] }] }",
    by: "argocd-server",
    owns: ["/spec/roles"],
    atomic: ["/spec/roles"],
    hand: "/spec/description",
  },

  "Crossplane: references between claims and composites": {
    chart: object("example.com/v1/Database", "spec: { size: small }"),
    writes: "spec: { resourceRef: { kind: XDatabase, name: web-x }, compositionRef: { name: c } }",
    by: "apiextensions.crossplane.io/claim",
    owns: ["/spec/resourceRef/kind", "/spec/resourceRef/name", "/spec/compositionRef/name"],
    hand: "/spec/size",
  },
  "Crossplane: resolved references": {
    chart: object(
      "ec2.aws.upbound.io/v1beta1/Subnet",
      "spec: { forProvider: { region: eu, vpcIdRef: { name: web } } }",
    ),
    writes: "spec: { forProvider: { vpcId: vpc-1 } }",
    by: "managed.crossplane.io/api-simple-reference-resolver",
    owns: ["/spec/forProvider/vpcId"],
    hand: "/spec/forProvider/region",
  },
  "kube-vip: the address of a Service": {
    chart: SERVICE.replace("ClusterIP", "LoadBalancer, externalTrafficPolicy: Local"),
    writes: "spec: { loadBalancerIP: 192.0.2.1 }",
    by: "kube-vip-cloud-provider",
    owns: ["/spec/loadBalancerIP"],
    hand: "/spec/externalTrafficPolicy",
  },
  "Tailscale: the target of an egress Service": {
    chart: object(
      "v1/Service",
      "spec: { type: ExternalName, externalName: placeholder }",
      annotated("tailscale.com/tailnet-fqdn: db.example.ts.net"),
    ),
    writes: "spec: { externalName: ts-web.tailscale.svc.cluster.local }",
    by: "operator",
    owns: ["/spec/externalName"],
    hand: "/spec/type",
  },
  "Patroni: the leader of a database": {
    chart: object("v1/Endpoints", "subsets: []", LABELLED),
    writes: "subsets: [{ addresses: [{ ip: 192.0.2.1 }] }]",
    by: "Patroni",
    owns: ["/subsets"],
    atomic: ["/subsets"],
    hand: LABEL,
  },
  "KubeVirt: whether a virtual machine runs": {
    chart: object(
      "kubevirt.io/v1/VirtualMachine",
      "spec: { runStrategy: Halted, instancetype: { name: a } }",
    ),
    writes: "spec: { runStrategy: Always }",
    by: "virt-api",
    owns: ["/spec/runStrategy"],
    hand: "/spec/instancetype/name",
  },
};

function yaml(text: string): JsonObject {
  const value = readYaml(text);
  assert.ok(isObject(value));
  return value;
}

function chartOf({ chart }: Case): KubeObject {
  const { apiVersion, kind, metadata, ...rest } = yaml(chart);
  assert.ok(typeof apiVersion === "string" && typeof kind === "string" && isObject(metadata));
  assert.ok(typeof metadata.name === "string");
  return withOwnership(
    { apiVersion, kind, metadata: { ...metadata, name: metadata.name }, ...rest },
    release,
  );
}

function merged(base: Json | undefined, patch: Json): Json {
  if (isObject(patch)) {
    const map = isObject(base) ? base : {};
    const all = { ...map, ...mapped(patch, (key, value) => merged(map[key], value)) };
    return Object.fromEntries(Object.entries(all).filter(([key]) => patch[key] !== null));
  }
  if (!Array.isArray(patch) || !Array.isArray(base) || ![...patch, ...base].every(isNamed)) return patch;
  const others = patch.filter(item => !base.some(other => sameName(item, other)));
  return [...base.map(item => merged(item, patch.find(other => sameName(item, other)) ?? {})), ...others];
}

function mapped(map: JsonObject, change: (key: string, value: Json) => Json): JsonObject {
  return Object.fromEntries(Object.entries(map).map(([key, value]) => [key, change(key, value)]));
}

function isNamed(item: Json): boolean {
  return nameOf(item) !== "";
}

function sameName(one: Json, other: Json): boolean {
  return nameOf(one) === nameOf(other);
}

/** A path as managedFields has it: it ends where something has one owner as a whole. */
function fieldPath(path: string, atomic: readonly string[]): FieldPath {
  const whole = atomic.find(place => path === place || path.startsWith(`${place}/`));
  return parsePath(whole ?? path).map(element);
}

function element(step: Step): string {
  assert.ok(step.is === "field" || step.is === "item");
  return step.is === "field" ? `f:${step.name}` : `k:${JSON.stringify({ [step.key]: step.value })}`;
}

/** What the API server notes for Helm: everything that the chart says. */
function fieldsOf(value: Json, at: string, atomic: readonly string[]): FieldSet {
  if (atomic.includes(at)) return {};
  if (Array.isArray(value) && value.every(isNamed)) {
    return Object.fromEntries(
      value.map(item => {
        const name = nameOf(item);
        const inside = fieldsOf(item, `${at}/[name=${name}]`, atomic);
        return [`k:${JSON.stringify({ name })}`, { ".": {}, ...inside }];
      }),
    );
  }
  if (!isObject(value)) return {};
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => {
      const step = name.replaceAll("~", "~0").replaceAll("/", "~1");
      return [`f:${name}`, fieldsOf(inner, `${at}/${step}`, atomic)];
    }),
  );
}

interface Writer {
  readonly manager: string;
  readonly paths: readonly FieldPath[];
  readonly subresource?: string | undefined;
}

/** An object as the API server has it after others have written into it. */
function stored(
  { desired, content }: { desired: KubeObject; content: JsonObject },
  atomic: readonly string[],
  writers: readonly Writer[],
): KubeObject {
  const { apiVersion, kind, metadata, ...rest } = desired;
  const { labels = {}, annotations = {} } = metadata;
  const own = fieldsOf({ metadata: { labels, annotations }, ...rest }, "", atomic);
  const helm = writers.flatMap(({ paths }) => paths).reduce(without, own);
  const entry = (manager: string, fieldsV1: FieldSet, subresource?: string): JsonObject => ({
    apiVersion,
    manager,
    operation: "Update",
    fieldsType: "FieldsV1",
    fieldsV1,
    ...(subresource === undefined ? {} : { subresource }),
  });
  const managedFields = [
    entry("helm", helm),
    ...writers.map(({ manager, paths, subresource }) => entry(manager, setOf(paths, desired), subresource)),
  ];
  const there = isObject(content.metadata) ? content.metadata : {};
  return {
    ...content,
    apiVersion,
    kind,
    metadata: { ...there, name: metadata.name, uid: "u", resourceVersion: "7", managedFields },
  };
}

/** A list item that the chart has not is owned itself, too. */
function setOf(paths: readonly FieldPath[], desired: KubeObject): FieldSet {
  const set: FieldSet = {};
  for (const path of paths) {
    let at = set;
    path.forEach((step, index) => {
      const isNew = step.startsWith("k:") && find(desired, path.slice(0, index + 1)) === undefined;
      const below = at[step];
      const next: JsonObject = isObject(below) ? below : isNew ? { ".": {} } : {};
      at[step] = next;
      at = next;
    });
  }
  return set;
}

/** Changes what is at a path, of a list at a position. @returns a JSON pointer to it */
function change(content: JsonObject, path: string): string {
  const steps = [...parsePath(path)];
  const last = steps.pop();
  let at: Json = content;
  let pointer = "";
  const into = (step: Step | undefined): string => {
    assert.ok(step?.is === "field" || step?.is === "item");
    if (step.is === "field") return step.name;
    assert.ok(Array.isArray(at));
    return String(at.findIndex(item => isItem(item, step)));
  };
  for (const step of steps) {
    const key = into(step);
    pointer += `/${key.replaceAll("~", "~0").replaceAll("/", "~1")}`;
    at = Array.isArray(at) ? (at[Number(key)] ?? null) : isObject(at) ? (at[key] ?? null) : null;
  }
  const key = into(last);
  const before = Array.isArray(at) ? at[Number(key)] : isObject(at) ? at[key] : undefined;
  assert.ok(before !== undefined, `${path} is not in the chart`);
  const after = changed(before);
  if (Array.isArray(at)) at[Number(key)] = after;
  else if (isObject(at)) at[key] = after;
  return `${pointer}/${key.replaceAll("~", "~0").replaceAll("/", "~1")}`;
}

function changed(value: Json): Json {
  if (typeof value === "boolean") return !value;
  if (typeof value === "number") return value + 1;
  assert.ok(typeof value === "string");
  return `${value}-by-hand`;
}

/** What the locker would do after the server was asked about all that is open. */
function outcome(desired: KubeObject, live: KubeObject, knowsControllers = true): Operation {
  const right = { ...desired, metadata: { ...desired.metadata, managedFields: [] } };
  return decide({
    ...UNANSWERED,
    release,
    desired,
    observed: { as: "live", at: 0, object: live },
    known: learnFromApply(undefined, { desired, live: right, manager: "helm", left: [] }),
    manager: "helm",
    isApplicable: true,
    wasSeen: true,
    wasRivals: false,
    isAutoscaled: false,
    isAsked: true,
    isBroughtBack: false,
    knowsControllers,
    isFinished: false,
    allowsCreate: true,
  });
}

function written(given: Case, manager = given.by): Writer {
  const paths = given.owns.map(path => fieldPath(path, given.atomic ?? []));
  return { manager, paths, subresource: given.subresource };
}

/** The object after the controller's write. */
function after(given: Case, desired: KubeObject, manager?: string): KubeObject {
  const content = merged(desired, yaml(given.writes));
  assert.ok(isObject(content));
  return stored({ desired, content }, given.atomic ?? [], [written(given, manager)]);
}

/** The manifest without the sign that an entry goes by, and what is live: the same as before. */
function unsigned(target: Target, desired: KubeObject): KubeObject | undefined {
  const { name, labels, annotations, mark, fields } = target;
  if (name !== undefined) return { ...desired, metadata: { ...desired.metadata, name: "other" } };
  if (labels || annotations || mark !== undefined)
    return withOwnership({ ...desired, metadata: { name: desired.metadata.name } }, release);
  const [path] = Object.keys(fields ?? {}).filter(field => field !== "/spec/template");
  if (path === undefined) return undefined;
  const copy = structuredClone(desired);
  change(copy, path.replace("/*", "/0"));
  return copy;
}

describe("the catalogue", () => {
  it("has a case for each of its entries, and no other", () => {
    assert.deepEqual(Object.keys(CASES).sort(), CATALOGUE.map(({ name }) => name).sort());
  });

  it("names no entry twice", () => {
    assert.equal(new Set(CATALOGUE.map(({ name }) => name)).size, CATALOGUE.length);
  });

  for (const entry of CATALOGUE) {
    describe(entry.name, () => {
      const given = CASES[entry.name];
      assert.ok(given, `no case for ${entry.name}`);
      const desired = chartOf(given);
      const live = after(given, desired);

      it("leaves what the controller writes", () => {
        assert.deepEqual(outcome(desired, live), { do: "none" });
      });

      it("leaves nothing where controllers are not known", () => {
        assert.notEqual(outcome(desired, live, false).do, "none");
      });

      it("restores what a hand changes elsewhere, and nothing else", () => {
        const atomic = given.atomic ?? [];
        const content = structuredClone(live);
        const pointer = change(content, given.hand);
        const hand = { manager: "kubectl-edit", paths: [fieldPath(given.hand, atomic)] };
        const both = stored({ desired, content }, atomic, [written(given), hand]);
        const operation = outcome(desired, both);
        assert.ok(operation.do === "apply", `it would ${operation.do}`);
        assert.deepEqual(operation.fields, [pointer]);
        for (const path of written(given).paths) {
          const value: Json | undefined = find(operation.payload, path)?.value;
          if (value !== undefined) assert.deepEqual(value, find(live, path)?.value);
        }
      });

      if (entry.managers !== undefined) {
        it("leaves none of that to others", () => {
          assert.notEqual(outcome(desired, after(given, desired, "kubectl-edit")).do, "none");
        });
      }

      const bare = unsigned(entry.target, desired);
      if (bare) {
        it("leaves nothing where only the live object has the sign", () => {
          const there = { ...live, metadata: { ...live.metadata, name: bare.metadata.name } };
          assert.notEqual(outcome(bare, there).do, "none");
        });
      }

      it("is about the object by itself", () => {
        assert.equal(catalogueOf([entry])(desired).length, entry.paths.length);
        if (entry.managers !== undefined) assert.match(given.by, new RegExp(`^(?:${entry.managers})$`));
        for (const field of given.owns.map(path => fieldPath(path, [])))
          assert.ok(entry.paths.some(path => leadsTo(parsePath(path), field) || isInside(path, field)));
      });

      it("goes by a sign in the manifest where a manager's name alone would open much", () => {
        if (entry.paths.some(path => OPEN.test(path))) assert.ok(isSigned(entry.target));
      });

      it("says why, and where that is to be read", () => {
        assert.match(entry.source, /^https:\/\/[^\s]+$/);
        assert.match(entry.why, /^[A-Za-z0-9][^.!?]*(?:\.\S[^.!?]*)*\.$/);
      });

      for (const pattern of patternsOf(entry)) {
        it(`has a pattern that is exact and quick: ${pattern}`, () => {
          assert.doesNotMatch(pattern, /(?<!\\)\.(?![+*])/, "a dot that stands for any character");
          assert.doesNotMatch(pattern, /[+*?}]\)[+*{]/, "a repetition of what is repeated itself");
          const regex = new RegExp(`^(?:${pattern})$`);
          const begun = performance.now();
          for (const text of [given.by, "a.-".repeat(20_000), pattern.replaceAll(/\W/g, "").repeat(500)])
            regex.test(text);
          assert.ok(performance.now() - begun < 1_000);
        });
      }
    });
  }
});

/** Whole data, rules, webhooks and Pods, and the images of containers. */
const OPEN =
  /^\/(?:data|data\/\*|binaryData|rules|spec|webhooks|webhooks\/\*|webhooks\/\*\/rules|.*\/template|.*\/template\/spec|.*ontainers(?:\/\*|\/\*\/image)?)$/;

/** Whether a target names more than kinds. */
function isSigned({ name, labels, annotations, mark, fields = {} }: Target): boolean {
  const isFields = Object.keys(fields).some(path => path !== "/spec/template");
  return isFields || [name, labels, annotations, mark].some(sign => sign !== undefined);
}

/** Whether a path goes on inside a field. */
function isInside(path: string, field: FieldPath): boolean {
  const steps = parsePath(path);
  return steps.length > field.length && leadsTo(steps.slice(0, field.length), field);
}

function patternsOf({ managers, target }: Entry): string[] {
  return [managers, target.name, target.mark].filter(pattern => pattern !== undefined);
}

describe("an entry's target", () => {
  const entry = (target: Target): Entry => ({ name: "", target, paths: ["/spec/a"], why: "", source: "" });
  const subject = yaml(`
    apiVersion: apps/v1
    kind: Deployment
    metadata: { name: web, labels: { tier: front }, annotations: { example.com/on: "true" } }
    spec: { size: 3, list: [{ type: a }, { type: b }], template: { metadata: { annotations: { pods: x } } } }
  `) as KubeObject;

  const cases: [what: string, target: Target, is: boolean][] = [
    ["anything", {}, true],
    ["a group", { group: "apps" }, true],
    ["another group", { group: "" }, false],
    ["a kind", { kinds: ["Job", "Deployment"] }, true],
    ["another kind", { kinds: ["Job"] }, false],
    ["a name", { name: "w.b" }, true],
    ["a part of a name", { name: "we" }, false],
    ["a label", { labels: { tier: "front" } }, true],
    ["a label of another value", { labels: { tier: "back" } }, false],
    ["an annotation of any value", { annotations: { "example.com/on": "*" } }, true],
    ["an annotation of the Pods", { annotations: { pods: "x" } }, true],
    ["a missing annotation", { annotations: { other: "*" } }, false],
    ["a mark among the annotations", { mark: "example\\.com/.+" }, true],
    ["a mark among the labels", { mark: "tier" }, true],
    ["a mark on the Pods", { mark: "pods" }, true],
    ["a part of a mark", { mark: "example" }, false],
    ["a field", { fields: { "/spec/size": "3" } }, true],
    ["a field of another value", { fields: { "/spec/size": "4" } }, false],
    ["a field of any value", { fields: { "/spec/template": "*" } }, true],
    ["a missing field", { fields: { "/spec/other": "*" } }, false],
    ["a field of an item", { fields: { "/spec/list/*/type": "b" } }, true],
    ["a field that no item has so", { fields: { "/spec/list/*/type": "c" } }, false],
  ];
  for (const [what, target, is] of cases) {
    it(`${is ? "may be" : "is not"} ${what}`, () => {
      assert.equal(catalogueOf([entry(target)])(subject).length, is ? 1 : 0);
    });
  }
});
