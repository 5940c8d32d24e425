import type { Entry } from "./entry";

/** What Kubernetes' own controllers do beside the status. */
export const KUBERNETES: readonly Entry[] = [
  {
    name: "Kubernetes: the revision of a Deployment",
    target: { group: "apps", kinds: ["Deployment"] },
    paths: ["/metadata/annotations/deployment.kubernetes.io~1revision"],
    why: "The deployment controller counts rollouts in it, also where a chart has copied one.",
    source:
      "https://kubernetes.io/docs/reference/labels-annotations-taints/#deployment-kubernetes-io-revision",
  },
  {
    name: "Kubernetes: the claim that a PersistentVolume is bound to",
    target: { group: "", kinds: ["PersistentVolume"] },
    paths: [
      "/spec/claimRef",
      "/spec/claimRef/apiVersion",
      "/spec/claimRef/kind",
      "/spec/claimRef/name",
      "/spec/claimRef/namespace",
      "/spec/claimRef/resourceVersion",
      "/spec/claimRef/uid",
    ],
    onlyEmpty: true,
    why: "Binding writes it before the first status, and a volume that loses it may be given to another claim.",
    source: "https://kubernetes.io/docs/concepts/storage/persistent-volumes/#binding",
  },
  {
    name: "Kubernetes: the volume that a PersistentVolumeClaim is bound to",
    target: { group: "", kinds: ["PersistentVolumeClaim"] },
    paths: ["/spec/volumeName"],
    onlyEmpty: true,
    why: "Binding writes it before the first status, and it can't be changed after that.",
    source: "https://kubernetes.io/docs/concepts/storage/persistent-volumes/#binding",
  },
  {
    name: "Kubernetes: the node that a Pod is bound to",
    target: { group: "", kinds: ["Pod"] },
    paths: ["/spec/nodeName"],
    onlyEmpty: true,
    why: "The scheduler binds the Pod through a subresource, of which the API server notes no author.",
    source: "https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/binding-v1/",
  },
  {
    name: "Kubernetes: the token of a ServiceAccount in a Secret",
    target: { group: "", kinds: ["Secret"], annotations: { "kubernetes.io/service-account.name": "*" } },
    paths: ["/data/token", "/data/ca.crt", "/data/namespace"],
    onlyEmpty: true,
    why: "The token controller fills them in beside what a chart keeps in the same Secret.",
    source: "https://kubernetes.io/docs/concepts/configuration/secret/#serviceaccount-token-secrets",
  },
];
