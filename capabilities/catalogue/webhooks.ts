import type { Entry } from "./entry";

const GROUP = "admissionregistration.k8s.io";
const MUTATING = "MutatingWebhookConfiguration";
const VALIDATING = "ValidatingWebhookConfiguration";

/** What programs do to webhook configurations, beside the CA bundles that charts leave empty. */
export const WEBHOOKS: readonly Entry[] = [
  {
    name: "Istio: the failure policy of the validation",
    target: { group: GROUP, kinds: [VALIDATING], name: "istio(?:d-default)?-validator(?:-.+)?|istiod-.+" },
    paths: ["/webhooks/*/failurePolicy"],
    managers: "pilot-discovery",
    why: "The chart says Ignore, and istiod makes it Fail as soon as it can validate.",
    source: "https://github.com/istio/istio/issues/44285",
  },
  {
    name: "kube-webhook-certgen: the failure policy of webhooks",
    target: { group: GROUP, kinds: [MUTATING, VALIDATING] },
    paths: ["/webhooks/*/failurePolicy"],
    managers: "kube-webhook-certgen",
    why: "Charts like kube-prometheus-stack say Ignore, and a hook's Job makes it Fail once the certificate is there.",
    source: "https://github.com/prometheus-community/helm-charts/issues/2516",
  },
  {
    name: "Knative, Tekton, Sigstore, Karpenter: their own webhooks",
    target: {
      group: GROUP,
      kinds: [MUTATING, VALIDATING],
      name: ".+\\.(?:knative\\.dev|tekton\\.dev|sigstore\\.dev|karpenter\\.sh|karpenter\\.k8s\\.aws)",
    },
    paths: ["/webhooks/*/rules", "/webhooks/*/namespaceSelector", "/webhooks/*/clientConfig/service/path"],
    managers: "webhook|controller|karpenter",
    why: "Knative's library for webhooks, which they all use, writes the rules, selector and path of each at its start.",
    source:
      "https://github.com/knative/pkg/blob/main/webhook/resourcesemantics/validation/reconcile_config.go",
  },
  {
    name: "Rancher: its webhooks",
    target: { group: GROUP, kinds: [MUTATING, VALIDATING], name: "rancher\\.cattle\\.io" },
    paths: ["/webhooks"],
    onlyEmpty: true,
    why: "The chart has the configurations without webhooks, and Rancher's webhook server fills them in.",
    source:
      "https://github.com/rancher/webhook/blob/027b171b084f35a287c142c85ce2b24da798a881/pkg/server/server.go",
  },
  {
    name: "AKS: the namespaces of webhooks",
    target: { group: GROUP, kinds: [MUTATING, VALIDATING] },
    paths: ["/webhooks/*/namespaceSelector"],
    managers: "admissionsenforcer",
    why: "The Admissions Enforcer of AKS keeps every webhook away from the namespaces of AKS itself.",
    source: "https://github.com/Azure/AKS/issues/1771",
  },
];
