import { free, keyed, kind } from "./definitions";
import {
  account,
  autoscaler,
  budget,
  labelsOf,
  object,
  policy,
  role,
  rule,
  service,
  webhook,
  workload,
} from "./kinds";
import type { Shape } from "./shape";

const NETWORKING = "networking.k8s.io/v1";
const INJECT = { annotations: { "cert-manager.io/inject-ca-from": "shop/webhook-ca" } };
/** As Helm's own functions make it, anew in every upgrade. */
const MADE = "{{ (genCA `ca` 365).Cert | b64enc }}";

/** Programs that names, addresses, certificates and traffic depend on. */
export const networking: Record<string, Shape> = {
  "cert-manager": {
    objects: [
      kind("cert-manager.io", "Certificate", keyed),
      ...account("cert-manager", [rule("cert-manager.io", ["certificates"], ["*"])]),
      ...role(
        "cert-manager-leaderelection",
        [
          rule("coordination.k8s.io", ["leases"], ["get", "update"], {
            resourceNames: ["cert-manager-controller"],
          }),
        ],
        "kube-system",
      ),
      webhook(
        "Mutating",
        "cert-manager-webhook",
        {},
        { failurePolicy: "Fail", matchPolicy: "Equivalent", timeoutSeconds: 30, metadata: INJECT },
      ),
      webhook(
        "Validating",
        "cert-manager-webhook",
        { caBundle: "" },
        { failurePolicy: "Fail", timeoutSeconds: 30, metadata: INJECT },
      ),
      workload("Deployment", "cert-manager", {
        container: {
          args: ["--v=2", "--cluster-resource-namespace=$(POD_NAMESPACE)"],
          ports: [{ containerPort: 9402, name: "http-metrics", protocol: "TCP" }],
          securityContext: { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true },
        },
        pod: {
          enableServiceLinks: false,
          serviceAccountName: "cert-manager",
          securityContext: { runAsNonRoot: true },
        },
        template: { annotations: { "prometheus.io/scrape": "true", "prometheus.io/port": "9402" } },
      }),
    ],
  },

  cilium: {
    objects: [
      object("v1/Secret", "cilium-ca", { data: { "ca.crt": MADE, "ca.key": MADE } }),
      object("v1/ConfigMap", "cilium-config", {
        data: {
          debug: "false",
          "bpf-lb-sock": "false",
          "bpf-map-dynamic-size-ratio": "0.0025",
          "cluster-pool-ipv4-cidr": "10.0.0.0/8",
          "write-cni-conf-when-ready": "",
        },
      }),
      workload("DaemonSet", "cilium", {
        spec: { updateStrategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable: 2 } } },
        container: {
          command: ["cilium-agent"],
          lifecycle: { preStop: { exec: { command: ["/cni-uninstall.sh"] } } },
          startupProbe: {
            httpGet: {
              host: "127.0.0.1",
              path: "/healthz",
              port: 9879,
              scheme: "HTTP",
              httpHeaders: [{ name: "brief", value: "true" }],
            },
            failureThreshold: 105,
            periodSeconds: 2,
            successThreshold: 1,
          },
          securityContext: {
            seLinuxOptions: { level: "s0", type: "spc_t" },
            capabilities: { add: ["CHOWN", "NET_ADMIN"], drop: ["ALL"] },
          },
          ports: [{ name: "peer", containerPort: 4244, hostPort: 4244, protocol: "TCP" }],
          volumeMounts: [{ name: "bpf", mountPath: "/sys/fs/bpf", mountPropagation: "HostToContainer" }],
          terminationMessagePolicy: "FallbackToLogsOnError",
        },
        pod: {
          hostNetwork: true,
          restartPolicy: "Always",
          priorityClassName: "system-node-critical",
          tolerations: [{ operator: "Exists" }],
          volumes: [
            { name: "bpf", hostPath: { path: "/sys/fs/bpf", type: "DirectoryOrCreate" } },
            {
              name: "mesh",
              projected: {
                defaultMode: 256,
                sources: [
                  {
                    secret: {
                      name: "clustermesh",
                      optional: true,
                      items: [{ key: "tls.key", path: "tls.key" }],
                    },
                  },
                ],
              },
            },
          ],
        },
      }),
      service(
        "cilium-agent",
        [{ name: "envoy-metrics", port: 9964, protocol: "TCP", targetPort: "envoy-metrics" }],
        { clusterIP: "None" },
      ),
    ],
  },

  coredns: {
    objects: [
      object("v1/ConfigMap", "coredns", {
        data: { Corefile: ".:53 {\n    errors\n    forward . /etc/resolv.conf\n}" },
      }),
      // One port number, twice.
      service(
        "coredns",
        [
          { name: "udp-53", port: 53, protocol: "UDP", targetPort: 53 },
          { name: "tcp-53", port: 53, protocol: "TCP", targetPort: 53 },
        ],
        { clusterIP: "" },
        { annotations: { "prometheus.io/port": "9153" } },
      ),
      workload("Deployment", "coredns", {
        spec: { strategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable: 1, maxSurge: "25%" } } },
        container: {
          ports: [
            { containerPort: 53, protocol: "UDP", name: "udp-53" },
            { containerPort: 53, protocol: "TCP", name: "tcp-53" },
          ],
          resources: { limits: { cpu: "100m", memory: "128Mi" }, requests: { cpu: "100m", memory: "128Mi" } },
        },
        pod: {
          dnsPolicy: "Default",
          volumes: [
            {
              name: "config",
              configMap: { name: "coredns", items: [{ key: "Corefile", path: "Corefile" }] },
            },
          ],
        },
      }),
      autoscaler("coredns", {
        behavior: { scaleDown: { policies: [{ type: "Pods", value: 1, periodSeconds: 60 }] } },
      }),
      budget("coredns", { maxUnavailable: "33%" }),
    ],
  },

  "external-dns": {
    crds: [kind("externaldns.nginx.org", "DNSEndpoint", free, { served: "v1alpha1" })],
    objects: [
      ...account("external-dns", [rule("", ["nodes", "pods"]), rule("networking.k8s.io", ["ingresses"])], {
        annotations: { "eks.amazonaws.com/role-arn": "arn:aws:iam::123456789012:role/dns" },
      }),
      object("externaldns.nginx.org/v1alpha1/DNSEndpoint", "api", {
        spec: {
          endpoints: [
            { dnsName: "api.example.com", recordTTL: 180, recordType: "A", targets: ["192.0.2.1"] },
          ],
        },
      }),
      workload("Deployment", "external-dns", {
        spec: { strategy: { type: "Recreate" } },
        container: { args: ["--log-level=info", "--source=service", "--policy=upsert-only"] },
        pod: {
          automountServiceAccountToken: true,
          shareProcessNamespace: false,
          securityContext: { fsGroup: 65534 },
        },
      }),
    ],
  },

  "ingress-nginx": {
    objects: [
      object(`${NETWORKING}/IngressClass`, "nginx", { spec: { controller: "k8s.io/ingress-nginx" } }),
      object("v1/ConfigMap", "ingress-nginx", { data: null }),
      // The API server allocates node ports, and one for health checks.
      service(
        "ingress-nginx",
        [
          { name: "http", port: 80, protocol: "TCP", targetPort: "http", appProtocol: "http" },
          { name: "https", port: 443, protocol: "TCP", targetPort: "https", appProtocol: "https" },
        ],
        {
          type: "LoadBalancer",
          externalTrafficPolicy: "Local",
          ipFamilyPolicy: "SingleStack",
          ipFamilies: ["IPv4"],
          loadBalancerSourceRanges: ["192.0.2.0/24"],
        },
      ),
      webhook(
        "Validating",
        "ingress-nginx-admission",
        {},
        {
          matchPolicy: "Equivalent",
          failurePolicy: "Fail",
          rules: [
            {
              apiGroups: ["networking.k8s.io"],
              apiVersions: ["v1"],
              operations: ["CREATE", "UPDATE"],
              resources: ["ingresses"],
            },
          ],
          metadata: { annotations: null },
        },
      ),
      object(
        "v1/ServiceAccount",
        "ingress-nginx-admission",
        { automountServiceAccountToken: true },
        {
          annotations: {
            "helm.sh/hook": "pre-install,pre-upgrade",
            "helm.sh/hook-delete-policy": "before-hook-creation,hook-succeeded",
          },
        },
      ),
      workload("Deployment", "ingress-nginx", {
        spec: { minReadySeconds: 0, revisionHistoryLimit: 10, replicas: 2 },
        container: {
          securityContext: {
            runAsUser: 101,
            allowPrivilegeEscalation: false,
            capabilities: { add: ["NET_BIND_SERVICE"], drop: ["ALL"] },
          },
          lifecycle: { preStop: { exec: { command: ["/wait-shutdown"] } } },
        },
        pod: { terminationGracePeriodSeconds: 300, nodeSelector: { "kubernetes.io/os": "linux" } },
      }),
    ],
  },

  istiod: {
    objects: [
      webhook("Validating", "istio-validator", { caBundle: "" }, { failurePolicy: "Ignore" }),
      webhook(
        "Mutating",
        "istio-sidecar-injector",
        {},
        {
          failurePolicy: "Fail",
          reinvocationPolicy: "Never",
          objectSelector: { matchExpressions: [{ key: "sidecar", operator: "NotIn", values: ["false"] }] },
        },
      ),
      object("v1/ConfigMap", "istio", {
        data: { mesh: "defaultConfig:\n  discoveryAddress: istiod\n", meshNetworks: "networks: {}" },
      }),
      service(
        "istiod",
        [
          { port: 15010, name: "grpc-xds", protocol: "TCP" },
          { port: 443, targetPort: 15017, name: "https-webhook", protocol: "TCP" },
        ],
        { ipFamilyPolicy: null },
      ),
      workload("Deployment", "istiod", {
        spec: { strategy: { rollingUpdate: { maxSurge: "100%", maxUnavailable: "25%" } } },
        container: {
          env: [
            { name: "REVISION", value: "default" },
            { name: "POD_NAME", valueFrom: { fieldRef: { apiVersion: "v1", fieldPath: "metadata.name" } } },
            {
              name: "GOMEMLIMIT",
              valueFrom: { resourceFieldRef: { resource: "limits.memory", divisor: "1" } },
            },
          ],
        },
        pod: {
          volumes: [
            {
              name: "token",
              projected: {
                sources: [
                  { serviceAccountToken: { audience: "istio-ca", expirationSeconds: 43200, path: "token" } },
                ],
              },
            },
            { name: "certs", emptyDir: { medium: "Memory" } },
          ],
        },
      }),
      autoscaler("istiod"),
      budget("istiod", { minAvailable: 1 }),
    ],
  },

  linkerd: {
    objects: [
      kind("policy.linkerd.io", "Server", keyed, { status: false }),
      object("v1/Secret", "linkerd-identity", {
        type: "kubernetes.io/tls",
        data: { "tls.crt": MADE, "tls.key": MADE },
      }),
      webhook("Mutating", "linkerd-injector", { caBundle: MADE }, { failurePolicy: "Ignore" }),
      workload("Deployment", "linkerd-proxy", {
        container: {
          env: [{ name: "LOG", value: "warn" }],
          ports: [{ name: "admin", containerPort: 4191 }],
        },
        pod: {
          initContainers: [
            {
              name: "init",
              image: "proxy-init:1.0",
              securityContext: { capabilities: { add: ["NET_ADMIN", "NET_RAW"] } },
            },
          ],
        },
      }),
      object("batch/v1/CronJob", "linkerd-heartbeat", {
        spec: {
          schedule: "11 4 * * *",
          concurrencyPolicy: "Replace",
          jobTemplate: {
            spec: {
              template: {
                metadata: { labels: labelsOf("linkerd-heartbeat") },
                spec: {
                  restartPolicy: "Never",
                  containers: [{ name: "heartbeat", image: "controller:1.0", args: ["heartbeat"] }],
                },
              },
            },
          },
        },
      }),
    ],
  },

  metallb: {
    crds: [kind("metallb.io", "IPAddressPool", keyed, { served: "v1beta1" })],
    objects: [
      object("v1/Secret", "metallb-webhook-cert", {}, { labels: labelsOf("metallb") }),
      object(
        "v1/Secret",
        "metallb-memberlist",
        { stringData: { secretkey: "{{ randAlphaNum 256 | b64enc }}" } },
        { annotations: { "helm.sh/resource-policy": "keep" } },
      ),
      object("metallb.io/v1beta1/IPAddressPool", "pool", {
        spec: { addresses: ["192.0.2.0/28"] },
      }),
      webhook("Validating", "metallb-webhook", { caBundle: "Cg==" }, { failurePolicy: "Fail" }),
      workload("DaemonSet", "metallb-speaker", {
        spec: { updateStrategy: { type: "RollingUpdate" } },
        pod: {
          hostNetwork: true,
          tolerations: [{ key: "node-role.kubernetes.io/master", effect: "NoSchedule", operator: "Exists" }],
          volumes: [{ name: "memberlist", secret: { secretName: "metallb-memberlist", defaultMode: 420 } }],
        },
      }),
    ],
  },

  traefik: {
    crds: [kind("traefik.io", "IngressRoute", free, { status: false, served: "v1alpha1" })],
    objects: [
      object(
        `${NETWORKING}/IngressClass`,
        "traefik",
        { spec: { controller: "traefik.io/ingress-controller" } },
        { annotations: { "ingressclass.kubernetes.io/is-default-class": "true" } },
      ),
      object("traefik.io/v1alpha1/IngressRoute", "dashboard", {
        spec: {
          entryPoints: ["traefik"],
          routes: [
            {
              match: "PathPrefix('/dashboard')",
              kind: "Rule",
              services: [{ name: "api@internal", kind: "TraefikService" }],
            },
          ],
        },
      }),
      service("traefik", [{ port: 80, name: "web", targetPort: "web", protocol: "TCP", nodePort: 30080 }], {
        type: "NodePort",
        externalTrafficPolicy: "Cluster",
      }),
      workload("Deployment", "traefik", {
        container: {
          ports: [
            { name: "web", containerPort: 8000, protocol: "TCP" },
            { name: "web-udp", containerPort: 8000, protocol: "UDP" },
          ],
          resources: null,
        },
        pod: { hostNetwork: false, hostAliases: [], dnsConfig: { options: [{ name: "ndots", value: "1" }] } },
      }),
      policy("traefik", {
        ingress: [{ ports: [{ port: "web" }, { port: 8443, endPort: 8445 }] }],
        policyTypes: ["Ingress"],
      }),
    ],
  },
};
