import type { Body } from "../../../hack/lib/objects";

/** An object of a chart. @param type "apps/v1/Deployment" */
export function object(type: string, name: string, fields: Body = {}, metadata: Body = {}): Body {
  const slash = type.lastIndexOf("/");
  return {
    apiVersion: type.slice(0, slash),
    kind: type.slice(slash + 1),
    metadata: { ...metadata, name },
    ...fields,
  };
}

/** What a workload has besides its name and labels. */
interface Workload {
  readonly container?: Body;
  readonly pod?: Body;
  readonly spec?: Body;
  readonly template?: Body;
  readonly metadata?: Body;
}

/** A Deployment, StatefulSet or DaemonSet, with the labels that charts give it. */
export function workload(kind: string, name: string, parts: Workload = {}): Body {
  const { container = {}, pod = {}, spec = {}, template = {}, metadata = {} } = parts;
  const labels = labelsOf(name);
  const containers = [{ name, image: `registry.example.com/${name}:1.0`, ...container }];
  return object(
    `apps/v1/${kind}`,
    name,
    {
      spec: {
        selector: { matchLabels: labels },
        template: { metadata: { labels, ...template }, spec: { containers, ...pod } },
        ...spec,
      },
    },
    { labels, ...metadata },
  );
}

/** A Service that leads to a workload of the same name. */
export function service(name: string, ports: Body[], spec: Body = {}, metadata: Body = {}): Body {
  return object(
    "v1/Service",
    name,
    { spec: { type: "ClusterIP", selector: labelsOf(name), ports, ...spec } },
    metadata,
  );
}

/** The labels of a workload and its Pods. */
export function labelsOf(name: string): Record<string, string> {
  return { "app.kubernetes.io/name": name, "app.kubernetes.io/instance": "{{ .Release.Name }}" };
}

const RBAC = "rbac.authorization.k8s.io";
const NAMESPACE = "{{ .Release.Namespace }}";

/** A ServiceAccount, and a ClusterRole that is bound to it. */
export function account(name: string, rules: Body[], metadata: Body = {}): Body[] {
  return [
    object("v1/ServiceAccount", name, { automountServiceAccountToken: false }, metadata),
    clusterRole(name, { rules }),
    object(`${RBAC}/v1/ClusterRoleBinding`, name, {
      roleRef: { apiGroup: RBAC, kind: "ClusterRole", name },
      subjects: [{ kind: "ServiceAccount", name, namespace: NAMESPACE }],
    }),
  ];
}

/** A ClusterRole. */
export function clusterRole(name: string, fields: Body, labels?: Body): Body {
  return object(`${RBAC}/v1/ClusterRole`, name, fields, labels && { labels });
}

/** A Role, bound to the ServiceAccount of the same name. @param namespace of both, if not the release's */
export function role(name: string, rules: Body[] | null, namespace?: string): Body[] {
  const metadata = namespace === undefined ? {} : { namespace };
  return [
    object(`${RBAC}/v1/Role`, name, { rules }, metadata),
    object(
      `${RBAC}/v1/RoleBinding`,
      name,
      {
        roleRef: { apiGroup: RBAC, kind: "Role", name },
        subjects: [{ kind: "ServiceAccount", name, namespace: NAMESPACE }],
      },
      metadata,
    ),
  ];
}

/** Access to resources. */
export function rule(group: string, resources: string[], verbs = ["get", "list", "watch"], more = {}): Body {
  return { apiGroups: [group], resources, verbs, ...more };
}

/** A PodDisruptionBudget for a workload of the same name. */
export function budget(name: string, spec: Body): Body {
  return object("policy/v1/PodDisruptionBudget", name, {
    spec: { selector: { matchLabels: labelsOf(name) }, ...spec },
  });
}

/** A HorizontalPodAutoscaler for a Deployment of the same name, by use of CPU and memory. */
export function autoscaler(name: string, spec: Body = {}): Body {
  const metric = (resource: string, averageUtilization: number) => ({
    type: "Resource",
    resource: { name: resource, target: { type: "Utilization", averageUtilization } },
  });
  return object("autoscaling/v2/HorizontalPodAutoscaler", name, {
    spec: {
      scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name },
      minReplicas: 1,
      maxReplicas: 5,
      metrics: [metric("cpu", 80), metric("memory", 80)],
      ...spec,
    },
  });
}

/** A NetworkPolicy for a workload of the same name. */
export function policy(name: string, spec: Body): Body {
  return object("networking.k8s.io/v1/NetworkPolicy", name, {
    spec: { podSelector: { matchLabels: labelsOf(name) }, ...spec },
  });
}

/** A claim template of a StatefulSet. */
export function claim(name: string, storage: string, spec: Body = {}, metadata: Body = {}): Body {
  return {
    metadata: { name, ...metadata },
    spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage } }, ...spec },
  };
}

/**
 * A webhook configuration whose only webhook is about no namespace that the tests have.
 *
 * @param more fields of the webhook; and the metadata of the configuration
 */
export function webhook(
  kind: "Mutating" | "Validating",
  name: string,
  client: Body = {},
  { metadata, ...more }: Body & { metadata?: Body } = {},
): Body {
  const hook = {
    name: `check.${name}.example.com`,
    clientConfig: { service: { name, namespace: NAMESPACE, path: "/check" }, ...client },
    rules: [{ apiGroups: ["*"], apiVersions: ["*"], operations: ["CREATE", "UPDATE"], resources: ["pods"] }],
    namespaceSelector: { matchLabels: { "example.com/checked": "yes" } },
    sideEffects: "None",
    admissionReviewVersions: ["v1"],
    ...more,
  };
  const type = `admissionregistration.k8s.io/v1/${kind}WebhookConfiguration`;
  return object(type, name, { webhooks: [hook] }, metadata);
}
