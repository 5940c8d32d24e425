import {
  account,
  budget,
  claim,
  labelsOf,
  object,
  policy,
  role,
  rule,
  service,
  webhook,
  workload,
} from "./kinds";
import { free, kind, monitored } from "./definitions";
import type { Shape } from "./shape";

const MONITORING = "monitoring.coreos.com";
const RANDOM = "{{ randAlphaNum 32 | b64enc }}";

/** Databases, queues, and what is watched with them. */
export const stores: Record<string, Shape> = {
  grafana: {
    objects: [
      object("v1/Secret", "grafana", {
        type: "Opaque",
        data: { "admin-user": "YWRtaW4=", "admin-password": RANDOM, "ldap-toml": "" },
      }),
      object("v1/ConfigMap", "grafana", { data: { "grafana.ini": "[log]\nmode = console\n", plugins: "" } }),
      object(
        "v1/PersistentVolumeClaim",
        "grafana",
        {
          spec: {
            accessModes: ["ReadWriteOnce"],
            resources: { requests: { storage: "10240Mi" } },
            storageClassName: "",
          },
        },
        { finalizers: ["kubernetes.io/pvc-protection"] },
      ),
      ...role("grafana", []),
      workload("Deployment", "grafana", {
        template: {
          annotations: {
            "checksum/config": "{{ `grafana` | sha256sum }}",
            "kubectl.kubernetes.io/default-container": "grafana",
          },
        },
        container: {
          env: [
            { name: "POD_IP", valueFrom: { fieldRef: { fieldPath: "status.podIP" } } },
            {
              name: "GF_SECURITY_ADMIN_PASSWORD",
              valueFrom: { secretKeyRef: { name: "grafana", key: "admin-password" } },
            },
          ],
          volumeMounts: [{ name: "config", mountPath: "/etc/grafana/grafana.ini", subPath: "grafana.ini" }],
          resources: { requests: { cpu: 0.5, memory: "0.5Gi" }, limits: { cpu: 1 } },
        },
        pod: {
          securityContext: { fsGroup: 472, runAsGroup: 472 },
          volumes: [
            { name: "config", configMap: { name: "grafana" } },
            { name: "storage", persistentVolumeClaim: { claimName: "grafana" } },
          ],
        },
      }),
      object(
        "networking.k8s.io/v1/Ingress",
        "grafana",
        {
          spec: {
            ingressClassName: "nginx",
            tls: [{ secretName: "grafana", hosts: ["grafana.example.com"] }],
            rules: [
              {
                host: "grafana.example.com",
                http: {
                  paths: [
                    {
                      path: "/",
                      pathType: "Prefix",
                      backend: { service: { name: "grafana", port: { number: 80 } } },
                    },
                  ],
                },
              },
            ],
          },
        },
        { annotations: { "cert-manager.io/cluster-issuer": "letsencrypt" } },
      ),
      object(
        "v1/Pod",
        "grafana-test",
        { spec: { restartPolicy: "Never", containers: [{ name: "test", image: "bats:1.4" }] } },
        { annotations: { "helm.sh/hook": "test" } },
      ),
    ],
  },

  jenkins: {
    objects: [
      object("v1/Secret", "jenkins", {
        type: "Opaque",
        data: {
          "jenkins-admin-password":
            "{{ default (randAlphaNum 22) (dig `data` `x` `` (lookup `v1` `Secret` .Release.Namespace `jenkins`)) | b64enc }}",
        },
      }),
      service("jenkins-agent", [{ port: 50000, targetPort: 50000, name: "agent-listener" }]),
      ...role("jenkins-schedule-agents", [
        rule("", ["pods", "pods/exec", "pods/log", "persistentvolumeclaims", "events"]),
        rule("", ["pods", "pods/exec"], ["create", "delete", "deletecollection", "patch", "update"]),
      ]),
      workload("StatefulSet", "jenkins", {
        spec: { serviceName: "jenkins", replicas: 1 },
        container: {
          env: [
            { name: "JAVA_OPTS", value: "-Dcasc.reload.token=$(POD_NAME) " },
            { name: "CASC", value: "" },
          ],
          startupProbe: {
            failureThreshold: 12,
            httpGet: { path: "{{ `/login` }}", port: "http" },
            periodSeconds: 10,
            timeoutSeconds: 5,
          },
          ports: [{ containerPort: 8080, name: "http", protocol: "TCP" }],
          resources: {
            limits: { cpu: "2000m", memory: "4096Mi" },
            requests: { cpu: "50m", memory: "256Mi" },
          },
        },
        pod: {
          securityContext: { runAsUser: 1000, fsGroup: 1000, runAsNonRoot: true },
          volumes: [
            { name: "cache", emptyDir: {} },
            {
              name: "secrets",
              projected: {
                sources: [
                  {
                    secret: {
                      name: "jenkins",
                      items: [{ key: "jenkins-admin-password", path: "chart-admin-password" }],
                    },
                  },
                ],
              },
            },
          ],
        },
      }),
    ],
  },

  "kube-prometheus-stack": {
    crds: [
      kind(MONITORING, "ServiceMonitor", monitored),
      kind(MONITORING, "PrometheusRule", free),
      kind(MONITORING, "Prometheus", monitored),
    ],
    objects: [
      object(`${MONITORING}/v1/ServiceMonitor`, "kubelet", {
        spec: {
          endpoints: [
            { port: "https-metrics", scheme: "https", honorLabels: true },
            { targetPort: 9100 },
            { targetPort: "http" },
          ],
          selector: { matchLabels: { "k8s-app": "kubelet" } },
          limits: { samples: 1000 },
        },
      }),
      object(`${MONITORING}/v1/Prometheus`, "prometheus", {
        spec: { endpoints: [], replicas: 2, limits: { memory: "400Mi" }, timeout: null },
      }),
      object(`${MONITORING}/v1/PrometheusRule`, "general", {
        spec: {
          groups: [
            {
              name: "general.rules",
              rules: [
                {
                  alert: "TargetDown",
                  expr: "100 * up == 0",
                  for: "10m",
                  labels: { severity: "warning" },
                  annotations: { description: "{{`{{ $labels.job }}`}} is down" },
                },
              ],
            },
          ],
        },
      }),
      object("v1/Secret", "alertmanager", {
        data: { "alertmanager.yaml": "{{ `route: {}` | b64enc }}" },
      }),
      service(
        "kube-scheduler",
        [{ name: "http-metrics", port: 10259, protocol: "TCP", targetPort: 10259 }],
        { clusterIP: "None", selector: { component: "kube-scheduler" } },
        { namespace: "kube-system" },
      ),
      webhook("Validating", "prometheus-admission", {}, { failurePolicy: "Ignore", timeoutSeconds: 10 }),
      workload("DaemonSet", "node-exporter", {
        spec: { updateStrategy: { rollingUpdate: { maxUnavailable: 1 }, type: "RollingUpdate" } },
        pod: {
          hostNetwork: true,
          hostPID: true,
          hostIPC: false,
          automountServiceAccountToken: false,
          tolerations: [{ effect: "NoSchedule", operator: "Exists" }],
          volumes: [{ name: "proc", hostPath: { path: "/proc" } }],
        },
        container: {
          volumeMounts: [
            { name: "proc", mountPath: "/host/proc", mountPropagation: "HostToContainer", readOnly: true },
          ],
          livenessProbe: {
            failureThreshold: 3,
            httpGet: { httpHeaders: null, path: "/", port: 9100, scheme: "HTTP" },
            initialDelaySeconds: 0,
          },
        },
      }),
    ],
  },

  loki: {
    objects: [
      object("v1/ConfigMap", "loki", {
        data: { "config.yaml": "auth_enabled: true\n" },
        binaryData: { "rules.gz": "H4sIAAAAAAAAAwMAAAAAAAAAAAA=" },
      }),
      service(
        "loki-headless",
        [{ name: "http-metrics", port: 3100, targetPort: "http-metrics", protocol: "TCP" }],
        { clusterIP: "None", publishNotReadyAddresses: true },
      ),
      workload("StatefulSet", "loki", {
        spec: {
          replicas: 3,
          podManagementPolicy: "Parallel",
          serviceName: "loki-headless",
          updateStrategy: { rollingUpdate: { partition: 0 } },
          persistentVolumeClaimRetentionPolicy: { whenDeleted: "Delete", whenScaled: "Delete" },
          volumeClaimTemplates: [claim("data", "10Gi")],
        },
      }),
      budget("loki", { maxUnavailable: 1 }),
      policy("loki", {
        policyTypes: ["Egress"],
        egress: [
          { ports: [{ port: "dns", protocol: "UDP" }], to: [{ namespaceSelector: {} }] },
          { to: [{ ipBlock: { cidr: "0.0.0.0/0", except: ["169.254.169.254/32"] } }] },
        ],
      }),
    ],
  },

  minio: {
    objects: [
      object("v1/Secret", "minio", { data: { rootUser: RANDOM, rootPassword: RANDOM } }),
      object("v1/ConfigMap", "minio", {
        data: { initialize: "#!/bin/sh\nset -e\n\n# done\n", "add-user": "#!/bin/sh\n" },
      }),
      workload("StatefulSet", "minio", {
        spec: {
          podManagementPolicy: "Parallel",
          serviceName: "minio",
          replicas: 4,
          updateStrategy: { type: "RollingUpdate" },
          volumeClaimTemplates: [
            claim("export-0", "500Gi"),
            claim("export-1", "0.5Ti", { storageClassName: "fast" }),
          ],
        },
        pod: { securityContext: { fsGroup: 1000, fsGroupChangePolicy: "OnRootMismatch", runAsUser: 1000 } },
        container: {
          resources: { requests: { memory: "16Gi" } },
          volumeMounts: [0, 1].map(index => ({ name: `export-${index}`, mountPath: `/export-${index}` })),
        },
      }),
    ],
  },

  nats: {
    objects: [
      object("v1/ConfigMap", "nats", { data: { "nats.conf": '{\n  "port": 4222\n}\n' } }),
      workload("StatefulSet", "nats", {
        spec: {
          serviceName: "nats-headless",
          replicas: 3,
          podManagementPolicy: "Parallel",
          volumeClaimTemplates: [{ ...claim("js", "10Gi"), apiVersion: "v1", kind: "PersistentVolumeClaim" }],
        },
        container: {
          env: [{ name: "SERVER_NAME", value: "n-$(POD_NAME)" }],
          lifecycle: { preStop: { exec: { command: ["nats-server", "-sl=ldm=/var/run/nats.pid"] } } },
        },
        pod: { shareProcessNamespace: true, enableServiceLinks: false, topologySpreadConstraints: null },
      }),
      service("nats", [{ appProtocol: "tcp", name: "nats", port: 4222, targetPort: "nats" }]),
      object(
        "v1/Pod",
        "nats-box",
        {
          spec: {
            containers: [{ name: "box", image: "nats-box:0.14", command: ["sh", "-ec"], args: ["work"] }],
          },
        },
        { labels: labelsOf("nats-box") },
      ),
    ],
  },

  postgresql: {
    objects: [
      object("v1/Secret", "postgresql", {
        type: "Opaque",
        stringData: { "postgres-password": "rosebud", "replication-password": "" },
        data: { "postgres-password": "b2xk" },
      }),
      policy("postgresql", {
        policyTypes: ["Ingress", "Egress"],
        egress: [{}],
        ingress: [{ ports: [{ port: 5432 }] }],
      }),
      budget("postgresql", { maxUnavailable: 1 }),
      object("v1/ServiceAccount", "postgresql", {
        automountServiceAccountToken: false,
        secrets: [],
        imagePullSecrets: null,
      }),
      service(
        "postgresql-hl",
        [{ name: "tcp-postgresql", port: 5432, targetPort: "tcp-postgresql", nodePort: null }],
        { clusterIP: "None", publishNotReadyAddresses: true, sessionAffinity: "None", externalIPs: [] },
      ),
      workload("StatefulSet", "postgresql", {
        metadata: { annotations: {} },
        spec: {
          serviceName: "postgresql-hl",
          replicas: 1,
          updateStrategy: { type: "RollingUpdate", rollingUpdate: {} },
          volumeClaimTemplates: [claim("data", "8Gi", { storageClassName: null }, { annotations: null })],
        },
        container: {
          securityContext: { seLinuxOptions: {}, privileged: false, runAsUser: 1001 },
          env: [
            { name: "BITNAMI_DEBUG", value: "false" },
            { name: "PGDATA", value: "/bitnami/postgresql/data" },
          ],
          readinessProbe: {
            exec: { command: ["/bin/sh", "-c", "-e", "exec pg_isready\n"] },
            initialDelaySeconds: 5,
            timeoutSeconds: 5,
          },
          resources: {
            limits: { cpu: "150m", "ephemeral-storage": "2Gi", memory: "192Mi" },
            requests: { cpu: "100m", "ephemeral-storage": "50Mi" },
          },
        },
        pod: {
          hostNetwork: false,
          hostIPC: false,
          securityContext: { fsGroup: 1001, supplementalGroups: [], sysctls: [] },
          affinity: { podAffinity: null, nodeAffinity: null },
          volumes: [{ name: "dshm", emptyDir: { medium: "Memory", sizeLimit: "1024Mi" } }],
        },
      }),
    ],
  },

  rabbitmq: {
    objects: [
      ...account("rabbitmq-peers", [rule("", ["endpoints"], ["get"]), rule("", ["events"], ["create"])]),
      object("v1/Secret", "rabbitmq", {
        type: "Opaque",
        data: {
          "rabbitmq-erlang-cookie": RANDOM,
          "rabbitmq.conf": "{{ `loopback_users = none` | b64enc }}",
        },
      }),
      service(
        "rabbitmq",
        [
          { name: "amqp", port: 5672, targetPort: "amqp" },
          { name: "amqp-tls", port: 5671, targetPort: "amqp-tls" },
          { name: "epmd", port: 4369, targetPort: "epmd" },
        ],
        { sessionAffinity: "ClientIP", sessionAffinityConfig: { clientIP: { timeoutSeconds: 600 } } },
      ),
      workload("StatefulSet", "rabbitmq", {
        spec: {
          serviceName: "rabbitmq",
          podManagementPolicy: "OrderedReady",
          volumeClaimTemplates: [claim("data", "8Gi")],
        },
        pod: {
          terminationGracePeriodSeconds: 120,
          dnsConfig: null,
          hostAliases: [{ ip: "127.0.0.1", hostnames: ["b.local", "a.local"] }],
        },
      }),
    ],
  },

  redis: {
    objects: [
      object(
        "v1/ConfigMap",
        "redis",
        {
          data: {
            "redis.conf": 'appendonly yes\nsave ""\n',
            "replica.conf": "dir /data\nslave-read-only yes",
          },
        },
        { labels: labelsOf("redis") },
      ),
      service("redis", [{ name: "tcp-redis", port: 6379, targetPort: "redis", nodePort: null }], {
        internalTrafficPolicy: "Cluster",
        externalName: "",
      }),
      workload("StatefulSet", "redis", {
        spec: {
          replicas: 3,
          serviceName: "redis",
          minReadySeconds: 0,
          volumeClaimTemplates: [claim("data", "8Gi", { selector: null })],
        },
        container: {
          command: ["/bin/bash"],
          args: ["-c", "start.sh"],
          env: [
            { name: "ALLOW_EMPTY_PASSWORD", value: "no" },
            { name: "REDIS_PORT", value: "6379" },
          ],
          stdin: false,
          tty: false,
        },
        pod: { priorityClassName: "", schedulerName: "", nodeSelector: {}, readinessGates: [] },
      }),
      budget("redis", { maxUnavailable: 1 }),
    ],
  },
};
