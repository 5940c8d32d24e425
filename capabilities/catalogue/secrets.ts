import type { Entry } from "./entry";

/** Secrets and ConfigMaps of which a chart has only the frame, with a mark for the program that fills it. */
export const SECRETS: readonly Entry[] = [
  {
    name: "kubernetes-replicator: the copy of an object",
    target: {
      group: "",
      kinds: ["ConfigMap", "Secret"],
      mark: "replicator\\.v1\\.mittwald\\.de/replicate-from",
    },
    paths: ["/data", "/binaryData"],
    why: "The replicator copies the data of the object that the chart names in an annotation.",
    source: "https://github.com/mittwald/kubernetes-replicator/blob/master/README.md",
  },
  {
    name: "Reflector: the copy of an object",
    target: {
      group: "",
      kinds: ["ConfigMap", "Secret"],
      mark: "reflector\\.v1\\.k8s\\.emberstack\\.com/reflects",
    },
    paths: [
      "/data",
      "/binaryData",
      "/metadata/annotations/reflector.v1.k8s.emberstack.com~1reflected-version",
    ],
    why: "Reflector copies the data of the object that the chart names in an annotation, and notes its version.",
    source: "https://github.com/emberstack/kubernetes-reflector/blob/main/README.md",
  },
  {
    name: "kubernetes-secret-generator: generated values",
    target: { group: "", kinds: ["Secret"], mark: "secret-generator\\.v1\\.mittwald\\.de/autogenerate" },
    paths: ["/data/*"],
    onlyEmpty: true,
    why: "The generator adds the values that the chart names in an annotation.",
    source: "https://github.com/mittwald/kubernetes-secret-generator/blob/master/README.md",
  },
  {
    name: "secretgen-controller: pull secrets",
    target: {
      group: "",
      kinds: ["Secret"],
      annotations: { "secretgen.carvel.dev/image-pull-secret": "*" },
    },
    paths: ["/data/.dockerconfigjson"],
    why: "The chart has a placeholder, and the controller fills in the credentials that others export.",
    source: "https://github.com/carvel-dev/secretgen-controller/blob/develop/docs/secret-export.md",
  },
  {
    name: "Sealed Secrets: the data of a managed Secret",
    target: { group: "", kinds: ["Secret"], mark: "sealedsecrets\\.bitnami\\.com/(?:managed|patch)" },
    paths: ["/data"],
    why: "The chart's annotation lets the controller write the Secret from a SealedSecret of the same name.",
    source: "https://github.com/bitnami-labs/sealed-secrets/blob/main/README.md",
  },
  {
    name: "Argo CD: its own Secret",
    target: { group: "", kinds: ["Secret"], name: "argocd-secret" },
    paths: [
      "/data/server.secretkey",
      "/data/admin.password",
      "/data/admin.passwordMtime",
      "/data/tls.crt",
      "/data/tls.key",
      "/data/accounts.*",
    ],
    managers: "argocd(?:-.+)?",
    why: "Argo CD keeps its signing key, certificate and passwords beside what the chart has in this Secret.",
    source: "https://github.com/argoproj/argo-helm/issues/200",
  },
];
