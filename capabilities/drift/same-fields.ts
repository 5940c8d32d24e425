/** Fields by the field that they are in, the top as "". Items of lists are in the list's field. */
type Fields = Readonly<Record<string, readonly string[]>>;

/**
 * The API groups that the fields below hold for: there a name has one type inside another, whatever the kind and its version. Source: the
 * Go types of k8s.io/api, apiextensions-apiserver and kube-aggregator, v0.34.4 and v0.36.3, read by reflection.
 */
export const GROUPS: ReadonlySet<string> = new Set([
  "",
  "admissionregistration.k8s.io",
  "apiextensions.k8s.io",
  "apiregistration.k8s.io",
  "apps",
  "autoscaling",
  "batch",
  "networking.k8s.io",
  "node.k8s.io",
  "policy",
  "rbac.authorization.k8s.io",
  "scheduling.k8s.io",
  "storage.k8s.io",
]);

/** Scalars that the server leaves out where they are "", 0 or false: no pointers, and `omitempty`. Those that charts write. */
export const ZEROS = placesOf({
  "": ["description", "globalDefault"],
  additionalPrinterColumns: ["description", "format", "priority"],
  clientConfig: ["caBundle"],
  containers: ["stdin", "stdinOnce", "tty", "workingDir"],
  emptyDir: ["medium"],
  env: ["value"],
  envFrom: ["prefix"],
  httpGet: ["host"],
  initContainers: ["stdin", "stdinOnce", "tty", "workingDir"],
  livenessProbe: ["initialDelaySeconds"],
  nfs: ["readOnly"],
  persistentVolumeClaim: ["readOnly"],
  ports: ["hostIP", "hostPort", "name", "nodePort"],
  readinessProbe: ["initialDelaySeconds"],
  resourceFieldRef: ["containerName"],
  rules: ["host"],
  scaleTargetRef: ["apiVersion"],
  seLinuxOptions: ["level", "role", "type", "user"],
  spec: [
    "caBundle",
    "clusterIP",
    "externalName",
    "externalTrafficPolicy",
    "healthCheckNodePort",
    "hostIPC",
    "hostNetwork",
    "hostPID",
    "hostname",
    "insecureSkipTLSVerify",
    "loadBalancerIP",
    "minReadySeconds",
    "nodeName",
    "paused",
    "preserveUnknownFields",
    "priorityClassName",
    "publishNotReadyAddresses",
    "serviceAccount",
    "serviceAccountName",
    "subdomain",
    "volumeName",
  ],
  startupProbe: ["initialDelaySeconds"],
  subjects: ["apiGroup", "namespace"],
  tcpSocket: ["host"],
  tls: ["secretName"],
  tolerations: ["effect", "key", "operator", "value"],
  versions: ["deprecated"],
  volumeMounts: ["readOnly", "subPath", "subPathExpr"],
});

/** What the server makes of "", always. Source: Kubernetes, pkg/apis/core/v1/defaults.go. */
export const DEFAULTS: ReadonlyMap<string, string> = new Map([
  ["containers terminationMessagePath", "/dev/termination-log"],
  ["containers terminationMessagePolicy", "File"],
  ["httpGet path", "/"],
  ["httpGet scheme", "HTTP"],
  ["initContainers terminationMessagePath", "/dev/termination-log"],
  ["initContainers terminationMessagePolicy", "File"],
  ["spec dnsPolicy", "ClusterFirst"],
  ["spec restartPolicy", "Always"],
  ["spec schedulerName", "default-scheduler"],
  ["spec sessionAffinity", "None"],
]);

/** Maps of strings, which the server leaves out where they are empty; an empty structure stays, for it may mean something. */
export const EMPTY_MAPS = placesOf({
  "": ["binaryData", "data", "parameters"],
  csi: ["volumeAttributes"],
  flexVolume: ["options"],
  labelSelector: ["matchLabels"],
  metadata: ["annotations", "labels"],
  namespaceSelector: ["matchLabels"],
  objectSelector: ["matchLabels"],
  podSelector: ["matchLabels"],
  scheduling: ["nodeSelector"],
  selector: ["matchLabels"],
  spec: ["nodeSelector"],
});

/** Maps of quantities. */
export const QUANTITY_MAPS = placesOf({
  limits: ["default", "defaultRequest", "max", "maxLimitRequestRatio", "min"],
  overhead: ["podFixed"],
  resources: ["limits", "requests"],
  spec: ["capacity", "hard", "overhead"],
});

/** Single quantities. */
export const QUANTITIES = placesOf({
  emptyDir: ["sizeLimit"],
  resourceFieldRef: ["divisor"],
  scaleDown: ["tolerance"],
  scaleUp: ["tolerance"],
  target: ["averageValue", "value"],
});

function placesOf(fields: Fields): ReadonlySet<string> {
  return new Set(Object.entries(fields).flatMap(([parent, names]) => names.map(name => `${parent} ${name}`)));
}
