import type { Entry } from "./entry";

const REPLICAS = ["/spec/replicas"];
const SCALED = ["Deployment", "ReplicaSet", "ReplicationController", "StatefulSet"];

/** Programs that set how many of something run, how large it is, or when it runs, other than a HorizontalPodAutoscaler. */
export const SCALING: readonly Entry[] = [
  {
    name: "addon-resizer: the resources of an addon",
    target: { group: "apps", kinds: ["Deployment"] },
    paths: [
      "/spec/template/spec/containers/[name=metrics-server]/resources",
      "/spec/template/spec/containers/[name=kube-state-metrics]/resources",
    ],
    managers: "pod_nanny",
    why: "The nanny beside the container gives it more resources as the cluster grows.",
    source: "https://github.com/kubernetes/autoscaler/blob/master/addon-resizer/README.md",
  },
  {
    name: "cluster-proportional-autoscaler: replicas",
    target: { kinds: SCALED },
    paths: REPLICAS,
    managers: "cluster-proportional-autoscaler",
    why: "It scales CoreDNS and the like with the size of the cluster, without an object that says so.",
    source:
      "https://github.com/kubernetes-sigs/cluster-proportional-autoscaler/blob/master/pkg/autoscaler/k8sclient/k8sclient.go",
  },
  {
    name: "kube-downscaler: less at night",
    target: {
      mark: "downscaler/(?:uptime|downtime|upscale-period|downscale-period|downtime-replicas|force-downtime)",
    },
    paths: [...REPLICAS, "/spec/suspend", "/spec/minReplicas", "/spec/minAvailable", "/spec/maxUnavailable"],
    why: "The chart's annotation says when the workload, CronJob, autoscaler or disruption budget is scaled down.",
    source: "https://github.com/caas-team/py-kube-downscaler/blob/main/kube_downscaler/scaler.py",
  },
  {
    name: "kube-green: sleep",
    target: { kinds: ["CronJob", "Deployment", "StatefulSet"] },
    paths: [...REPLICAS, "/spec/suspend"],
    managers: "kube-green",
    why: "A SleepInfo of the namespace says when workloads and CronJobs sleep.",
    source:
      "https://github.com/kube-green/kube-green/blob/main/internal/controller/sleepinfo/jsonpatch/jsonpatch.go",
  },
  {
    name: "Grafana's rollout-operator: replicas of a zone",
    target: {
      group: "apps",
      kinds: ["StatefulSet"],
      mark: "grafana\\.com/rollout-(?:downscale-leader|mirror-replicas-from-resource-name|force-replicas)",
    },
    paths: REPLICAS,
    why: "The replicas follow those of the zone or resource that the chart names in an annotation.",
    source: "https://github.com/grafana/rollout-operator/blob/main/README.md",
  },
  {
    name: "pvc-autoresizer: the size of a volume",
    target: {
      group: "",
      kinds: ["PersistentVolumeClaim"],
      mark: "resize\\.topolvm\\.io/(?:storage_limit|initial-resize-group-by)",
    },
    paths: ["/spec/resources/requests/storage"],
    why: "A volume that is nearly full grows up to the limit that the chart has annotated.",
    source: "https://github.com/topolvm/pvc-autoresizer/blob/main/README.md",
  },
  {
    name: "Cluster API: replicas of machines",
    target: {
      group: "cluster.x-k8s.io",
      kinds: ["MachineDeployment", "MachinePool", "MachineSet"],
      mark: "cluster\\.x-k8s\\.io/(?:cluster-api-autoscaler-node-group-(?:min|max)-size|replicas-managed-by)",
    },
    paths: REPLICAS,
    why: "The cluster autoscaler adds and removes machines within the limits that the chart has annotated.",
    source: "https://cluster-api.sigs.k8s.io/tasks/automated-machine-management/autoscaling",
  },
  {
    name: "Ray: workers of a cluster",
    target: { group: "ray.io", kinds: ["RayCluster"], fields: { "/spec/enableInTreeAutoscaling": "true" } },
    paths: ["/spec/workerGroupSpecs/*/replicas", "/spec/workerGroupSpecs/*/scaleStrategy"],
    why: "Ray's own autoscaler sets how many workers there are, and which ones go.",
    source: "https://github.com/ray-project/kuberay/issues/1120",
  },
  {
    name: "Elasticsearch: autoscaled node sets",
    target: { group: "elasticsearch.k8s.elastic.co", kinds: ["Elasticsearch"] },
    paths: [
      "/spec/nodeSets/*/count",
      "/spec/nodeSets/*/podTemplate/spec/containers/[name=elasticsearch]/resources",
      "/spec/nodeSets/*/volumeClaimTemplates/*/spec/resources/requests/storage",
    ],
    managers: "elastic-operator",
    why: "Elastic's operator writes the size that its autoscaling policies call for.",
    source:
      "https://github.com/elastic/cloud-on-k8s/blob/01eaa4d411d249c83af8e547a9b3d7d6c980ea1f/pkg/controller/autoscaling/elasticsearch/reconcile.go",
  },
  {
    name: "Kueue: when queued work runs",
    target: { labels: { "kueue.x-k8s.io/queue-name": "*" } },
    paths: ["/spec/suspend", "/spec/runPolicy/suspend"],
    why: "Kueue suspends work until its queue has room for it, and again when it is preempted.",
    source: "https://kueue.sigs.k8s.io/docs/tasks/run/jobs/",
  },
  {
    name: "Kueue: where a queued Job runs",
    target: { group: "batch", kinds: ["Job"], labels: { "kueue.x-k8s.io/queue-name": "*" } },
    paths: [
      "/spec/parallelism",
      "/spec/template/metadata/annotations/kueue.x-k8s.io~1*",
      "/spec/template/metadata/labels/kueue.x-k8s.io~1*",
      "/spec/template/spec/nodeSelector",
      "/spec/template/spec/tolerations",
      "/spec/template/spec/schedulingGates",
    ],
    managers: "kueue(?:-.+)?|manager",
    why: "The flavor of resources that Kueue gives to a Job says on which nodes, and a partial admission how many Pods.",
    source: "https://github.com/kubernetes-sigs/kueue/blob/main/pkg/controller/jobs/job/job_controller.go",
  },
];
