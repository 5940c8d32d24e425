import { free, keyed, kind } from "./definitions";
import {
  account,
  claim,
  clusterRole,
  labelsOf,
  object,
  role,
  rule,
  service,
  webhook,
  workload,
} from "./kinds";
import type { Shape } from "./shape";

const STORAGE = "storage.k8s.io/v1";
const MADE = "{{ (genCA `ca` 365).Cert | b64enc }}";

/** What is installed for other programs: storage, secrets, scaling, administration. */
export const platform: Record<string, Shape> = {
  dapr: {
    crds: [kind("dapr.io", "Configuration", free, { status: false, served: "v1alpha1" })],
    objects: [
      object("dapr.io/v1alpha1/Configuration", "daprsystem", {
        spec: { mtls: { enabled: true, workloadCertTTL: "24h", allowedClockSkew: "15m" } },
      }),
      object("v1/Secret", "dapr-trust-bundle", {}, { labels: labelsOf("dapr") }),
      webhook(
        "Mutating",
        "dapr-sidecar-injector",
        { caBundle: MADE },
        { failurePolicy: "Ignore", reinvocationPolicy: "IfNeeded" },
      ),
      workload("StatefulSet", "dapr-placement", {
        spec: {
          serviceName: "dapr-placement",
          podManagementPolicy: "Parallel",
          volumeClaimTemplates: [claim("raft-log", "1Gi")],
        },
        container: {
          livenessProbe: { httpGet: { path: "/healthz", port: 8080 } },
          ports: [
            { containerPort: 50005, name: "api" },
            { containerPort: 8201, name: "raft-node" },
          ],
        },
      }),
    ],
  },

  "external-secrets": {
    objects: [
      kind("external-secrets.io", "ExternalSecret", keyed),
      object(
        "v1/Secret",
        "external-secrets-webhook",
        {},
        { labels: { "external-secrets.io/component": "webhook" } },
      ),
      webhook(
        "Validating",
        "secretstore-validate",
        {},
        {
          failurePolicy: "Fail",
          timeoutSeconds: 5,
          metadata: { labels: { "external-secrets.io/component": "webhook" } },
        },
      ),
      clusterRole(
        "external-secrets-edit",
        { rules: [rule("external-secrets.io", ["externalsecrets"], ["create", "patch"])] },
        { "rbac.authorization.k8s.io/aggregate-to-edit": "true", "servicebinding.io/controller": "true" },
      ),
      workload("Deployment", "external-secrets", {
        spec: { replicas: 1, revisionHistoryLimit: 10 },
        pod: { hostNetwork: false, dnsPolicy: "ClusterFirst" },
        container: { imagePullPolicy: "IfNotPresent" },
      }),
    ],
  },

  keda: {
    crds: [kind("keda.sh", "ScaledObject", free, { served: "v1alpha1" })],
    objects: [
      object("apiregistration.k8s.io/v1/APIService", "v1beta1.external.metrics.k8s.io", {
        spec: {
          service: { name: "keda-metrics", namespace: "shop", port: 443 },
          group: "external.metrics.k8s.io",
          version: "v1beta1",
          insecureSkipTLSVerify: true,
          groupPriorityMinimum: 100,
          versionPriority: 100,
        },
      }),
      object("v1/ServiceAccount", "keda-metrics", { automountServiceAccountToken: true }),
      ...role(
        "keda-metrics",
        [rule("", ["configmaps"], ["get"], { resourceNames: ["extension-apiserver-authentication"] })],
        "kube-system",
      ),
      object("keda.sh/v1alpha1/ScaledObject", "web", {
        spec: {
          scaleTargetRef: { name: "keda" },
          minReplicaCount: 0,
          triggers: [{ type: "cron", metadata: { start: "0 8 * * *" } }],
        },
      }),
      workload("Deployment", "keda", {
        spec: { replicas: 1 },
        container: {
          command: ["/keda"],
          args: ["--zap-log-level=info"],
          securityContext: { readOnlyRootFilesystem: true, capabilities: { drop: ["ALL"] } },
        },
      }),
    ],
  },

  longhorn: {
    crds: [kind("longhorn.io", "Setting", { type: "object" }, { served: "v1beta2" })],
    objects: [
      object("scheduling.k8s.io/v1/PriorityClass", "longhorn-critical", {
        description: "for storage",
        globalDefault: false,
        preemptionPolicy: "PreemptLowerPriority",
        value: 1000000000,
      }),
      object("v1/ConfigMap", "longhorn-storageclass", {
        data: { "storageclass.yaml": 'kind: StorageClass\nparameters:\n  numberOfReplicas: "3"\n' },
      }),
      object("longhorn.io/v1beta2/Setting", "backup-target"),
      workload("DaemonSet", "longhorn-manager", {
        spec: { updateStrategy: { rollingUpdate: { maxUnavailable: "100%" } } },
        container: {
          securityContext: { privileged: true },
          env: [{ name: "POD_IP", valueFrom: { fieldRef: { fieldPath: "status.podIP" } } }],
          volumeMounts: [
            { name: "longhorn", mountPath: "/var/lib/longhorn/", mountPropagation: "Bidirectional" },
          ],
        },
        pod: {
          priorityClassName: "longhorn-critical",
          volumes: [{ name: "longhorn", hostPath: { path: "/var/lib/longhorn/" } }],
        },
      }),
      service("longhorn-frontend", [{ name: "http", port: 80, targetPort: "http", nodePort: null }], {
        type: "ClusterIP",
        loadBalancerIP: "",
        loadBalancerSourceRanges: [],
      }),
    ],
  },

  "csi-driver": {
    objects: [
      object(`${STORAGE}/StorageClass`, "fast", {
        provisioner: "csi.example.com",
        parameters: { type: "gp3", encrypted: "true" },
        allowVolumeExpansion: true,
        volumeBindingMode: "WaitForFirstConsumer",
        mountOptions: [],
        allowedTopologies: [{ matchLabelExpressions: [{ key: "zone", values: ["b", "a"] }] }],
      }),
      object(`${STORAGE}/CSIDriver`, "csi.example.com", {
        spec: {
          attachRequired: true,
          podInfoOnMount: false,
          fsGroupPolicy: "File",
          volumeLifecycleModes: ["Persistent"],
        },
      }),
      object("v1/PersistentVolume", "archive", {
        spec: {
          capacity: { storage: "1024Gi" },
          accessModes: ["ReadWriteMany"],
          persistentVolumeReclaimPolicy: "Retain",
          storageClassName: "archive",
          nfs: { server: "192.0.2.9", path: "/archive", readOnly: false },
        },
      }),
      object("v1/PersistentVolumeClaim", "archive", {
        spec: {
          accessModes: ["ReadWriteMany"],
          storageClassName: "archive",
          volumeName: "archive",
          resources: { requests: { storage: "1Ti" } },
        },
      }),
      object("node.k8s.io/v1/RuntimeClass", "sandboxed", {
        handler: "runsc",
        overhead: { podFixed: { memory: "120Mi", cpu: "250m" } },
      }),
      object("v1/LimitRange", "bounds", {
        spec: {
          limits: [
            { type: "Container", default: { cpu: "500m", memory: "512Mi" }, defaultRequest: { cpu: 0.1 } },
          ],
        },
      }),
    ],
  },

  "metrics-server": {
    objects: [
      object("apiregistration.k8s.io/v1/APIService", "v1beta1.metrics.k8s.io", {
        spec: {
          group: "metrics.k8s.io",
          groupPriorityMinimum: 100,
          insecureSkipTLSVerify: true,
          service: { name: "metrics-server", namespace: "shop", port: 443 },
          version: "v1beta1",
          versionPriority: 100,
        },
      }),
      ...account("metrics-server", [
        rule("", ["nodes/metrics"], ["get"]),
        rule("", ["pods", "nodes", "namespaces", "configmaps"]),
      ]),
      ...role(
        "metrics-server-auth-reader",
        [rule("", ["configmaps"], ["get"], { resourceNames: ["extension-apiserver-authentication"] })],
        "kube-system",
      ),
      workload("Deployment", "metrics-server", {
        container: {
          args: ["--secure-port=10250", "--kubelet-use-node-status-port"],
          livenessProbe: {
            httpGet: { path: "/livez", port: "https", scheme: "HTTPS" },
            initialDelaySeconds: 0,
            periodSeconds: 10,
          },
          ports: [{ name: "https", containerPort: 10250, protocol: "TCP" }],
          resources: { requests: { cpu: "100m", memory: "200Mi" } },
        },
        pod: {
          schedulerName: null,
          priorityClassName: "system-cluster-critical",
          volumes: [{ name: "tmp", emptyDir: {} }],
        },
      }),
    ],
  },

  rancher: {
    objects: [
      object(
        "networking.k8s.io/v1/Ingress",
        "rancher",
        {
          spec: {
            ingressClassName: null,
            rules: [
              {
                host: "rancher.example.com",
                http: {
                  paths: [
                    {
                      backend: { service: { name: "rancher", port: { number: 80 } } },
                      path: "/",
                      pathType: "ImplementationSpecific",
                    },
                  ],
                },
              },
            ],
            tls: [{ hosts: ["rancher.example.com"], secretName: "tls-rancher-ingress" }],
          },
        },
        { annotations: { "nginx.ingress.kubernetes.io/proxy-connect-timeout": "30" } },
      ),
      object("admissionregistration.k8s.io/v1/ValidatingWebhookConfiguration", "rancher.cattle.io", {
        webhooks: [],
      }),
      workload("Deployment", "rancher", {
        spec: {
          replicas: 3,
          strategy: { rollingUpdate: { maxSurge: 1, maxUnavailable: 1 }, type: "RollingUpdate" },
        },
        pod: {
          affinity: {
            nodeAffinity: {
              requiredDuringSchedulingIgnoredDuringExecution: {
                nodeSelectorTerms: [
                  { matchExpressions: [{ key: "kubernetes.io/os", operator: "NotIn", values: ["windows"] }] },
                ],
              },
            },
          },
          tolerations: [{ key: "cattle.io/os", value: "linux", effect: "NoSchedule", operator: "Equal" }],
        },
        container: {
          env: [
            { name: "CATTLE_NAMESPACE", value: "{{ .Release.Namespace }}" },
            { name: "CATTLE_PEER_SERVICE", value: "rancher" },
            { name: "EMPTY", value: "" },
          ],
          volumeMounts: [],
        },
      }),
      object(
        "v1/ServiceAccount",
        "rancher-post-delete",
        {},
        { annotations: { "helm.sh/hook": "post-delete", "helm.sh/hook-weight": "1" } },
      ),
    ],
  },

  "sealed-secrets": {
    crds: [kind("bitnami.com", "SealedSecret", free, { served: "v1alpha1" })],
    objects: [
      object("bitnami.com/v1alpha1/SealedSecret", "credentials", {
        spec: {
          encryptedData: { password: "AgBy3i4OJSWK" },
          template: { metadata: { creationTimestamp: null, name: "credentials" }, type: "Opaque" },
        },
      }),
      object("v1/ServiceAccount", "sealed-secrets", {}),
      ...role("sealed-secrets-key-admin", [
        rule("", ["secrets"], ["get"], { resourceNames: ["sealed-secrets-key"] }),
        rule("", ["secrets"], ["create", "list"]),
      ]),
      workload("Deployment", "sealed-secrets", {
        spec: {
          minReadySeconds: 30,
          revisionHistoryLimit: 0,
          strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: "25%", maxUnavailable: "25%" } },
        },
        container: {
          command: ["controller"],
          args: ["--update-status", "--key-prefix"],
          resources: { limits: {}, requests: {} },
        },
        pod: { volumes: [{ name: "tmp", emptyDir: {} }] },
      }),
    ],
  },

  vault: {
    objects: [
      object(
        "v1/ConfigMap",
        "vault-config",
        { data: { "extraconfig-from-values.hcl": "disable_mlock = true\nui = true\n" } },
        { labels: labelsOf("vault") },
      ),
      webhook(
        "Mutating",
        "vault-agent-injector",
        { caBundle: "" },
        {
          failurePolicy: "Ignore",
          matchPolicy: "Exact",
          timeoutSeconds: 30,
          objectSelector: { matchExpressions: [{ key: "app", operator: "NotIn", values: ["vault"] }] },
        },
      ),
      service(
        "vault-internal",
        [
          { name: "http", port: 8200, targetPort: 8200 },
          { name: "https-internal", port: 8201, targetPort: 8201 },
        ],
        { clusterIP: "None", publishNotReadyAddresses: true },
      ),
      workload("StatefulSet", "vault", {
        spec: {
          serviceName: "vault-internal",
          podManagementPolicy: "Parallel",
          replicas: 1,
          updateStrategy: { type: "OnDelete" },
          volumeClaimTemplates: [claim("data", "10Gi", {}, { labels: {} })],
        },
        template: { annotations: null },
        container: {
          lifecycle: {
            preStop: { exec: { command: ["/bin/sh", "-c", "sleep 5 && kill -SIGTERM $(pidof vault)"] } },
          },
          env: [
            { name: "HOST_IP", valueFrom: { fieldRef: { fieldPath: "status.hostIP" } } },
            { name: "HOME", value: "/home/vault" },
          ],
          readinessProbe: {
            exec: { command: ["/bin/sh", "-ec", "vault status"] },
            failureThreshold: 2,
            successThreshold: 1,
          },
        },
        pod: {
          terminationGracePeriodSeconds: 10,
          hostNetwork: false,
          volumes: [
            { name: "home", emptyDir: {} },
            { name: "config", configMap: { name: "vault-config" } },
          ],
        },
      }),
    ],
  },

  velero: {
    crds: [kind("velero.io", "Schedule", free), kind("velero.io", "BackupStorageLocation", free)],
    objects: [
      object(
        "velero.io/v1/Schedule",
        "nightly",
        {
          spec: {
            schedule: "0 3 * * *",
            template: { ttl: "240h", includedNamespaces: ["*"], snapshotVolumes: null },
          },
        },
        { annotations: { "helm.sh/resource-policy": "keep" } },
      ),
      object("velero.io/v1/BackupStorageLocation", "default", {
        spec: { provider: "aws", default: true, objectStorage: { bucket: "backups" }, config: {} },
      }),
      object("v1/Secret", "velero", { type: "Opaque", data: { cloud: "{{ `[default]` | b64enc }}" } }),
      workload("Deployment", "velero", {
        pod: {
          restartPolicy: "Always",
          dnsPolicy: "ClusterFirst",
          initContainers: [
            { name: "aws", image: "plugin:1.0", volumeMounts: [{ mountPath: "/target", name: "plugins" }] },
          ],
          volumes: [{ name: "plugins", emptyDir: {} }],
        },
        container: {
          resources: {
            requests: { cpu: "500m", memory: "128Mi" },
            limits: { cpu: "1000m", memory: "512Mi" },
          },
        },
      }),
    ],
  },
};
