import { free, keyed, kind, monitored } from "./definitions";
import {
  account,
  budget,
  clusterRole,
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

const KEEP = { annotations: { "helm.sh/resource-policy": "keep" } };
const RBAC_AGGREGATE = "rbac.authorization.k8s.io/aggregate-to-";

/** Programs that bring other things into a cluster. */
export const delivery: Record<string, Shape> = {
  "argo-cd": {
    objects: [
      // Definitions among the templates, kept at an uninstall, of a kind without a status subresource.
      kind("argoproj.io", "Application", free, { status: false, served: "v1alpha1" }),
      object("v1/Secret", "argocd-secret", { type: "Opaque" }, { labels: labelsOf("argocd-secret") }),
      object("v1/ConfigMap", "argocd-cm", {
        data: {
          "application.instanceLabelKey": "argocd.argoproj.io/instance",
          "statusbadge.enabled": "false",
        },
      }),
      object("v1/ConfigMap", "argocd-gpg-keys-cm"),
      ...account("argocd-server", [rule("*", ["*"], ["*"]), { nonResourceURLs: ["*"], verbs: ["*"] }]),
      ...role("argocd-server", [rule("", ["secrets"]), rule("argoproj.io", ["applications"], ["*"])]),
      workload("StatefulSet", "argocd-application-controller", {
        spec: { serviceName: "argocd-application-controller", replicas: 1, revisionHistoryLimit: 5 },
        template: { annotations: { "checksum/cm": "{{ `cm` | sha256sum }}" } },
        container: {
          args: ["/usr/local/bin/argocd-application-controller", "--metrics-port=8082"],
          env: ["ARGOCD_RECONCILIATION_TIMEOUT", "REDIS_SERVER"].map(name => ({
            name,
            valueFrom: { configMapKeyRef: { name: "argocd-cmd-params-cm", key: name, optional: true } },
          })),
          ports: [{ name: "metrics", containerPort: 8082, protocol: "TCP" }],
          volumeMounts: [
            { name: "tls", mountPath: "/tls" },
            { name: "home", mountPath: "/home" },
          ],
          securityContext: {
            capabilities: { drop: ["ALL"] },
            runAsNonRoot: true,
            seccompProfile: { type: "RuntimeDefault" },
          },
        },
        pod: {
          affinity: {
            podAntiAffinity: {
              preferredDuringSchedulingIgnoredDuringExecution: [
                {
                  weight: 100,
                  podAffinityTerm: {
                    labelSelector: { matchLabels: labelsOf("argocd-application-controller") },
                    topologyKey: "kubernetes.io/hostname",
                  },
                },
              ],
            },
          },
          nodeSelector: { "kubernetes.io/os": "linux" },
          volumes: [
            { name: "home", emptyDir: {} },
            {
              name: "tls",
              secret: {
                secretName: "argocd-tls",
                optional: true,
                items: [{ key: "tls.crt", path: "tls.crt" }],
              },
            },
          ],
        },
      }),
      service(
        "argocd-server",
        [
          { name: "http", port: 80, protocol: "TCP", targetPort: 8080 },
          { name: "https", port: 443, protocol: "TCP", targetPort: "https" },
        ],
        { sessionAffinity: "None" },
      ),
      policy("argocd-server", { ingress: [{}], policyTypes: ["Ingress"] }),
    ],
  },

  "argo-rollouts": {
    objects: [
      kind("argoproj.io", "Rollout", free, { served: "v1alpha1" }),
      ...["view", "edit", "admin"].map(name =>
        clusterRole(
          `argo-rollouts-${name}`,
          { rules: [rule("argoproj.io", ["rollouts", "rollouts/scale"])] },
          {
            [`${RBAC_AGGREGATE}${name}`]: "true",
          },
        ),
      ),
      workload("Deployment", "argo-rollouts", {
        spec: { replicas: 2, strategy: { type: "Recreate" } },
        container: {
          livenessProbe: {
            failureThreshold: 3,
            httpGet: { path: "/healthz", port: "healthz" },
            initialDelaySeconds: 30,
            periodSeconds: 20,
          },
          ports: [
            { name: "metrics", containerPort: 8090 },
            { name: "healthz", containerPort: 8080 },
          ],
          resources: {},
        },
        pod: { securityContext: { runAsNonRoot: true } },
      }),
    ],
  },

  flux: {
    objects: [
      object("v1/ResourceQuota", "critical-pods", {
        spec: {
          hard: { pods: "1000" },
          scopeSelector: {
            matchExpressions: [
              {
                operator: "In",
                scopeName: "PriorityClass",
                values: ["system-node-critical", "system-cluster-critical"],
              },
            ],
          },
        },
      }),
      policy("allow-egress", {
        podSelector: {},
        egress: [{}],
        ingress: [{ from: [{ podSelector: {} }] }],
        policyTypes: ["Ingress", "Egress"],
      }),
      policy("allow-webhooks", {
        podSelector: { matchLabels: { app: "notification" } },
        ingress: [{ from: [{ namespaceSelector: {} }] }],
        policyTypes: ["Ingress"],
      }),
      workload("Deployment", "source-controller", {
        spec: { replicas: 1, strategy: { type: "Recreate" } },
        container: {
          env: [
            { name: "RUNTIME_NAMESPACE", valueFrom: { fieldRef: { fieldPath: "metadata.namespace" } } },
            {
              name: "GOMAXPROCS",
              valueFrom: { resourceFieldRef: { containerName: "source-controller", resource: "limits.cpu" } },
            },
          ],
          resources: { limits: { cpu: "2", memory: "1Gi" }, requests: { cpu: "50m", memory: "64Mi" } },
        },
        pod: { terminationGracePeriodSeconds: 10, securityContext: { fsGroup: 1337 } },
      }),
    ],
  },

  crossplane: {
    objects: [
      // Its rules are gathered by a controller; two Secrets are filled by an init container.
      clusterRole("crossplane", {
        aggregationRule: {
          clusterRoleSelectors: [{ matchLabels: { "rbac.crossplane.io/aggregate-to-crossplane": "true" } }],
        },
      }),
      clusterRole(
        "crossplane:aggregate",
        { rules: [rule("", ["secrets", "services"], ["*"])] },
        { "rbac.crossplane.io/aggregate-to-crossplane": "true" },
      ),
      object("v1/Secret", "crossplane-root-ca", { type: "Opaque" }),
      object("v1/Secret", "crossplane-tls-client", { type: "Opaque", data: {} }),
      object("v1/ServiceAccount", "crossplane", { imagePullSecrets: [] }),
      workload("Deployment", "crossplane", {
        container: {
          env: [
            {
              name: "GOMEMLIMIT",
              valueFrom: {
                resourceFieldRef: { containerName: "crossplane", resource: "limits.memory", divisor: "1" },
              },
            },
            { name: "LEADER_ELECTION", value: "true" },
          ],
          startupProbe: { failureThreshold: 30, periodSeconds: 2, tcpSocket: { port: "readyz" } },
          ports: [{ name: "readyz", containerPort: 8081 }],
        },
        pod: {
          hostNetwork: false,
          initContainers: [
            {
              name: "init",
              image: "crossplane:1.0",
              args: ["core", "init"],
              resources: { limits: { cpu: "100m" } },
            },
          ],
          volumes: [
            { name: "cache", emptyDir: { sizeLimit: "20Mi" } },
            { name: "tls", secret: { secretName: "crossplane-tls-client" } },
          ],
        },
      }),
    ],
  },

  kyverno: {
    objects: [
      kind("kyverno.io", "CleanupPolicy", monitored, { served: "v2" }),
      object(
        "v1/ConfigMap",
        "kyverno",
        {
          data: {
            excludeGroups: "system:nodes",
            resourceFilters: "[*/*,kyverno,*] [Event,*,*]\n  [Node,*,*]\n",
            webhooks: '{"namespaceSelector":{}}',
          },
        },
        KEEP,
      ),
      clusterRole(
        "kyverno:rbac:admin",
        { rules: [rule("kyverno.io", ["policies"], ["create", "get"])] },
        { [`${RBAC_AGGREGATE}admin`]: "true" },
      ),
      clusterRole("kyverno:background", {
        aggregationRule: { clusterRoleSelectors: [{ matchLabels: { app: "kyverno" } }] },
        rules: [],
      }),
      workload("Deployment", "kyverno-admission", {
        spec: {
          replicas: 3,
          revisionHistoryLimit: 10,
          strategy: { rollingUpdate: { maxSurge: 1, maxUnavailable: "40%" }, type: "RollingUpdate" },
        },
        pod: {
          topologySpreadConstraints: [
            {
              maxSkew: 1,
              topologyKey: "zone",
              whenUnsatisfiable: "ScheduleAnyway",
              labelSelector: { matchLabels: { app: "kyverno" } },
            },
          ],
          dnsPolicy: "ClusterFirst",
          tolerations: [],
        },
      }),
      object("batch/v1/CronJob", "kyverno-cleanup", {
        spec: {
          schedule: "*/10 * * * *",
          concurrencyPolicy: "Forbid",
          successfulJobsHistoryLimit: 1,
          failedJobsHistoryLimit: 1,
          jobTemplate: {
            spec: {
              backoffLimit: 3,
              ttlSecondsAfterFinished: 0,
              template: {
                metadata: null,
                spec: {
                  restartPolicy: "Never",
                  containers: [
                    { name: "cleanup", image: "kubectl:1.30", command: ["/bin/bash", "-c", "true"] },
                  ],
                },
              },
            },
          },
        },
      }),
      budget("kyverno-admission", { minAvailable: 1 }),
    ],
  },

  tekton: {
    objects: [
      kind("tekton.dev", "Pipeline", free),
      object("v1/Secret", "webhook-certs", {}, { labels: labelsOf("webhook") }),
      webhook(
        "Validating",
        "validation.webhook.pipeline.tekton.dev",
        {},
        { failurePolicy: "Fail", rules: null },
      ),
      webhook(
        "Mutating",
        "webhook.pipeline.tekton.dev",
        { service: { name: "tekton", namespace: "shop" } },
        { failurePolicy: "Fail", matchPolicy: "Exact" },
      ),
      object("v1/ConfigMap", "feature-flags", {
        data: { "enable-api-fields": "beta", coschedule: "workspaces", _example: "# none\n\n  key: value\n" },
      }),
      service("tekton-webhook", [
        { name: "https-webhook", port: 443, targetPort: 8443 },
        { name: "http-metrics", port: 9090, targetPort: 9090 },
      ]),
    ],
  },

  gatekeeper: {
    crds: [kind("templates.gatekeeper.sh", "Template", keyed)],
    objects: [
      object(
        "v1/Secret",
        "gatekeeper-webhook-server-cert",
        {},
        { labels: { gatekeeper: "yes" }, annotations: {} },
      ),
      webhook(
        "Validating",
        "gatekeeper",
        {},
        {
          failurePolicy: "Ignore",
          timeoutSeconds: 3,
          matchPolicy: "Exact",
          namespaceSelector: { matchExpressions: [{ key: "example.com/checked", operator: "Exists" }] },
          rules: [
            {
              apiGroups: ["*"],
              apiVersions: ["*"],
              operations: ["CREATE"],
              resources: ["*", "pods/exec"],
              scope: "*",
            },
          ],
        },
      ),
      object("templates.gatekeeper.sh/v1/Template", "required", {
        spec: {
          listeners: [{ name: "a", port: 80 }],
          addresses: ["b", "a"],
          template: { apiVersion: "v1", kind: "Pod", metadata: { name: "x" } },
        },
      }),
      workload("Deployment", "gatekeeper-audit", {
        metadata: { creationTimestamp: null },
        container: {
          env: [
            {
              name: "POD_NAMESPACE",
              valueFrom: { fieldRef: { apiVersion: "v1", fieldPath: "metadata.namespace" } },
            },
            { name: "CONTAINER_NAME", value: "manager" },
          ],
          imagePullPolicy: "IfNotPresent",
          volumeMounts: [
            { mountPath: "/certs", name: "cert", readOnly: true },
            { mountPath: "/tmp", name: "tmp", readOnly: false },
          ],
        },
        pod: {
          volumes: [
            { name: "cert", secret: { defaultMode: 420, secretName: "gatekeeper-webhook-server-cert" } },
            { name: "tmp", emptyDir: {} },
          ],
        },
      }),
      budget("gatekeeper-audit", { minAvailable: 1 }),
    ],
  },
};
