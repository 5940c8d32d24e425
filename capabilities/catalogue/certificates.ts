import type { Entry } from "./entry";

/** What has a CA bundle, and where. */
const GROUPS = ["admissionregistration.k8s.io", "apiextensions.k8s.io", "apiregistration.k8s.io"];
const BUNDLED = [
  "APIService",
  "CustomResourceDefinition",
  "MutatingWebhookConfiguration",
  "ValidatingWebhookConfiguration",
];
const BUNDLES = [
  "/spec/caBundle",
  "/spec/conversion/webhook/clientConfig/caBundle",
  "/webhooks/*/clientConfig/caBundle",
];

/** Certificates and CA bundles that programs put where a chart asks for them. */
export const CERTIFICATES: readonly Entry[] = [
  {
    name: "cert-manager: CA bundles",
    target: { group: GROUPS, kinds: BUNDLED, mark: "(?:cert-manager\\.io|certmanager\\.k8s\\.io)/inject-.+" },
    paths: BUNDLES,
    why: "The CA injector writes the bundle of what the chart has annotated, also over one that the chart has.",
    source: "https://cert-manager.io/docs/concepts/ca-injector/",
  },
  {
    name: "OpenShift: CA bundles of services",
    target: {
      group: GROUPS,
      kinds: BUNDLED,
      annotations: { "service.beta.openshift.io/inject-cabundle": "true" },
    },
    paths: BUNDLES,
    why: "The service CA operator writes the bundle of what the chart has annotated.",
    source: "https://github.com/openshift/service-ca-operator/blob/master/README.md",
  },
  {
    name: "OpenShift: the CA of services in a ConfigMap",
    target: {
      group: "",
      kinds: ["ConfigMap"],
      annotations: { "service.beta.openshift.io/inject-cabundle": "true" },
    },
    paths: ["/data/service-ca.crt"],
    why: "The service CA operator writes this key of a ConfigMap that the chart has annotated.",
    source: "https://github.com/openshift/service-ca-operator/blob/master/README.md",
  },
  {
    name: "OpenShift: the trusted CAs in a ConfigMap",
    target: {
      group: "",
      kinds: ["ConfigMap"],
      labels: { "config.openshift.io/inject-trusted-cabundle": "true" },
    },
    paths: ["/data/ca-bundle.crt"],
    why: "The network operator writes this key of a ConfigMap that the chart has labelled.",
    source:
      "https://github.com/openshift/cluster-network-operator/blob/master/pkg/controller/configmap_ca_injector/controller.go",
  },
  {
    name: "cert-utils-operator: CA bundles",
    target: {
      group: [...GROUPS, ""],
      kinds: [...BUNDLED, "ConfigMap", "Secret"],
      annotations: { "cert-utils-operator.redhat-cop.io/injectca-from-secret": "*" },
    },
    paths: [...BUNDLES, "/data/ca.crt"],
    why: "The operator writes the CA of a Secret into what the chart has annotated.",
    source: "https://github.com/redhat-cop/cert-utils-operator/blob/master/README.md",
  },
  {
    name: "cert-utils-operator: the certificate of a Route",
    target: {
      group: "route.openshift.io",
      kinds: ["Route"],
      mark: "cert-utils-operator\\.redhat-cop\\.io/(?:certs|destinationCA)-from-secret",
    },
    paths: [
      "/spec/tls/key",
      "/spec/tls/certificate",
      "/spec/tls/caCertificate",
      "/spec/tls/destinationCACertificate",
    ],
    why: "The operator copies the certificate of a Secret into a Route that the chart has annotated.",
    source: "https://github.com/redhat-cop/cert-utils-operator/blob/master/README.md",
  },
  {
    name: "cert-utils-operator: key stores",
    target: {
      group: "",
      kinds: ["ConfigMap", "Secret"],
      mark: "cert-utils-operator\\.redhat-cop\\.io/generate-(?:java-keystores|java-truststore|cert-info)",
    },
    paths: [
      "/data/keystore.jks",
      "/data/truststore.jks",
      "/data/tls.crt.info",
      "/data/ca.crt.info",
      "/binaryData/truststore.jks",
    ],
    why: "The operator adds Java key stores and a readable form of the certificate where the chart asks for them.",
    source: "https://github.com/redhat-cop/cert-utils-operator/blob/master/README.md",
  },
  {
    name: "cert-manager: the certificate of a Route",
    target: { group: "route.openshift.io", kinds: ["Route"], mark: "cert-manager\\.io/issuer(?:-name)?" },
    paths: [
      "/spec/tls/certificate",
      "/spec/tls/key",
      "/spec/tls/caCertificate",
      "/spec/tls/termination",
      "/spec/tls/insecureEdgeTerminationPolicy",
    ],
    onlyEmpty: true,
    why: "cert-manager's support for Routes issues the certificate that the chart has asked for in annotations.",
    source: "https://github.com/cert-manager/openshift-routes/blob/main/README.md",
  },
  {
    name: "cert-manager: the challenge in an Ingress",
    target: {
      group: "networking.k8s.io",
      kinds: ["Ingress"],
      annotations: { "acme.cert-manager.io/http01-edit-in-place": "true" },
    },
    paths: ["/spec/rules"],
    managers: "cert-manager(?:-challenges)?|controller",
    why: "While a certificate is issued, the Ingress itself has a path for the challenge where the chart asks for that.",
    source: "https://cert-manager.io/docs/usage/ingress/#supported-annotations",
  },
];
