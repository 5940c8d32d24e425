import type { JsonObject } from "./json";
import { namespaced, type Subject } from "./subject";

const container = (name: string): JsonObject => ({ name, image: "nginx:1.27" });

const pod = (name: string, more: JsonObject = {}): JsonObject => ({
  metadata: { labels: { app: name } },
  spec: {
    containers: [
      {
        ...container("web"),
        env: [{ name: "a", value: "1" }],
        ports: [{ name: "http", containerPort: 80 }],
        envFrom: [{ configMapRef: { name: "settings" } }],
        command: ["nginx", "-g"],
      },
      container("side"),
    ],
    ...more,
  },
});

const controlled = (name: string, more: JsonObject = {}): JsonObject => ({
  selector: { matchLabels: { app: name } },
  template: pod(name),
  ...more,
});

const job = (name: string): JsonObject => ({
  template: pod(name, { restartPolicy: "Never" }),
});

/** What runs Pods, and what says how. */
export const workloads: readonly Subject[] = [
  namespaced("apps/v1", "Deployment", "deployments", name => ({ spec: controlled(name, { replicas: 2 }) })),
  namespaced("apps/v1", "StatefulSet", "statefulsets", name => ({
    spec: controlled(name, { serviceName: name, replicas: 1 }),
  })),
  namespaced("apps/v1", "DaemonSet", "daemonsets", name => ({ spec: controlled(name) })),
  namespaced("apps/v1", "ReplicaSet", "replicasets", name => ({ spec: controlled(name, { replicas: 1 }) })),
  namespaced("v1", "ReplicationController", "replicationcontrollers", name => ({
    spec: { replicas: 1, selector: { app: name }, template: pod(name) },
  })),
  namespaced("v1", "PodTemplate", "podtemplates", name => ({ template: pod(name) })),
  {
    ...namespaced("v1", "Pod", "pods", () => ({ spec: { containers: [container("web")] } })),
    focus: [
      ["spec", "containers", 0, "image"],
      ["spec", "activeDeadlineSeconds"],
      ["spec", "tolerations"],
    ],
  },
  {
    ...namespaced("batch/v1", "Job", "jobs", name => ({ spec: job(name) })),
    focus: ["activeDeadlineSeconds", "backoffLimit", "parallelism", "suspend", "ttlSecondsAfterFinished"].map(
      field => ["spec", field],
    ),
  },
  namespaced("batch/v1", "CronJob", "cronjobs", name => ({
    spec: { schedule: "0 3 * * *", jobTemplate: { spec: job(name) } },
  })),
  {
    ...namespaced("autoscaling/v2", "HorizontalPodAutoscaler", "horizontalpodautoscalers", () => ({
      spec: {
        scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "absent" },
        maxReplicas: 5,
        metrics: [
          {
            type: "Resource",
            resource: { name: "cpu", target: { type: "Utilization", averageUtilization: 80 } },
          },
        ],
      },
    })),
    older: "autoscaling/v1",
  },
  namespaced("policy/v1", "PodDisruptionBudget", "poddisruptionbudgets", name => ({
    spec: { minAvailable: 1, selector: { matchLabels: { app: name } } },
  })),
];
