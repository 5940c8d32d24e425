import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { collection, type Body } from "../hack/lib/objects";
import { lock } from "../hack/locker/helm-release";
import { requestsToWrite } from "./support/audit";
import { helms, installWith } from "./support/both-helms";
import { isReverted, postSentinel, sentinelReverted } from "./support/changes";
import { deployment, type Chart } from "./support/chart";
import { NAMESPACE, Room } from "./support/room";

const AUTOSCALING = "autoscaling/v2";
const NETWORK = "networking.k8s.io/v1";
const RBAC = "rbac.authorization.k8s.io/v1";
const SCHEDULING = "scheduling.k8s.io/v1";

function object(apiVersion: string, kind: string, name: string, fields: Body): Body {
  return { apiVersion, kind, metadata: { name, annotations: {} }, ...fields };
}

/** Every spelling that the API server normalizes, beside empty values that it keeps. */
const pod = {
  automountServiceAccountToken: false,
  dnsPolicy: "",
  hostIPC: false,
  hostNetwork: false,
  imagePullSecrets: [],
  initContainers: [{ name: "init", image: "busybox:1.36", terminationMessagePath: "", resources: {} }],
  nodeSelector: {},
  priorityClassName: "",
  restartPolicy: "",
  schedulerName: "",
  securityContext: { seLinuxOptions: { level: "", role: "" }, supplementalGroups: [] },
  tolerations: [{ key: "zone", operator: "Exists", value: "", effect: "" }],
  containers: [
    {
      name: "web",
      image: "nginx:1.27",
      command: [],
      env: [
        { name: "EMPTY", value: "" },
        {
          name: "CORES",
          valueFrom: { resourceFieldRef: { containerName: "", resource: "limits.cpu", divisor: 0.001 } },
        },
      ],
      livenessProbe: { httpGet: { host: "", path: "", scheme: "", port: 80 }, initialDelaySeconds: 0 },
      ports: [{ name: "", containerPort: 80, hostPort: 0 }],
      resources: {
        limits: { cpu: "2000m", memory: "10240Mi", "ephemeral-storage": "0.5Ti" },
        requests: { cpu: 0.5, memory: "1e9" },
      },
      securityContext: {},
      stdin: false,
      terminationMessagePolicy: "",
      volumeMounts: [{ name: "scratch", mountPath: "/scratch", readOnly: false, subPath: "" }],
    },
  ],
  volumes: [{ name: "scratch", emptyDir: { medium: "", sizeLimit: "1024Mi" } }],
};

const chart: Chart = {
  templates: {
    deployment: deployment("web", pod, { minReadySeconds: 0, paused: false }),
    quiet: deployment("quiet", { nodeSelector: { disk: "ssd" }, tolerations: [] }),
    service: object("v1", "Service", "web", {
      spec: {
        clusterIP: "",
        externalIPs: [],
        externalName: "",
        loadBalancerIP: "",
        ports: [{ port: 80, nodePort: 0 }],
        publishNotReadyAddresses: false,
        selector: { app: "web" },
        sessionAffinity: "",
      },
    }),
    limits: object("v1", "LimitRange", "bounds", {
      spec: { limits: [{ type: "Container", default: { cpu: "1000m" }, max: { memory: "2048Mi" } }] },
    }),
    quota: object("v1", "ResourceQuota", "quota", {
      spec: { hard: { pods: 1000, cpu: "64000m" }, scopes: [] },
    }),
    autoscaler: object(AUTOSCALING, "HorizontalPodAutoscaler", "web", {
      spec: {
        scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "none" },
        maxReplicas: 3,
        metrics: [
          {
            type: "Resource",
            resource: { name: "memory", target: { type: "AverageValue", averageValue: "2048Mi" } },
          },
        ],
      },
    }),
    role: object(RBAC, "Role", "idle", { rules: [] }),
    policy: object(NETWORK, "NetworkPolicy", "closed", {
      spec: { podSelector: { matchLabels: {} }, policyTypes: ["Ingress"], ingress: [] },
    }),
    priority: object(SCHEDULING, "PriorityClass", "low", { value: 1, globalDefault: false, description: "" }),
  },
};

const path = (apiVersion: string, plural: string, name: string): string =>
  `${collection(apiVersion, plural, NAMESPACE)}/${name}`;

const web = path("apps/v1", "deployments", "web");
const spec = "/spec/template/spec";
const container = `${spec}/containers/0`;

/** Edits of the same fields, or of others that are as empty, each as a step of a JSON patch. */
const edits: Record<string, [object: string, op: string, pointer: string, value?: unknown]> = {
  "another quantity": [web, "replace", `${container}/resources/limits/cpu`, "3"],
  "a quantity of the same digits": [web, "replace", `${container}/resources/limits/memory`, "10240M"],
  "a quantity of the same value in another spelling": [
    web,
    "replace",
    `${container}/resources/limits/memory`,
    "10737418240",
  ],
  "no quantity": [web, "remove", `${container}/resources/requests/memory`],
  "another size of a volume": [web, "replace", `${spec}/volumes/0/emptyDir/sizeLimit`, "2Gi"],
  "another divisor": [web, "replace", `${container}/env/1/valueFrom/resourceFieldRef/divisor`, "1"],
  "true instead of false": [web, "add", `${spec}/hostNetwork`, true],
  "a Deployment that is paused": [web, "add", "/spec/paused", true],
  "a delay": [web, "add", `${container}/livenessProbe/initialDelaySeconds`, 30],
  "a value of a variable": [web, "add", `${container}/env/0/value`, "x"],
  "an item of an empty list": [web, "add", `${container}/command`, ["sh"]],
  "an entry of an empty map": [web, "add", `${spec}/nodeSelector`, { disk: "hdd" }],
  "another scheduler": [web, "replace", `${spec}/schedulerName`, "mine"],
  "the loss of a false that is no default": [web, "remove", `${spec}/automountServiceAccountToken`],
  "the loss of an empty structure": [web, "remove", `${container}/securityContext`],
  "the loss of a map's only entry": [
    path("apps/v1", "deployments", "quiet"),
    "remove",
    `${spec}/nodeSelector/disk`,
  ],
  "a toleration": [
    path("apps/v1", "deployments", "quiet"),
    "add",
    `${spec}/tolerations`,
    [{ operator: "Exists" }],
  ],
  "an affinity of a Service": [path("v1", "services", "web"), "replace", "/spec/sessionAffinity", "ClientIP"],
  "another limit": [path("v1", "limitranges", "bounds"), "replace", "/spec/limits/0/default/cpu", "2"],
  "another quota": [path("v1", "resourcequotas", "quota"), "replace", "/spec/hard/pods", "2k"],
  "another target": [
    path(AUTOSCALING, "horizontalpodautoscalers", "web"),
    "replace",
    "/spec/metrics/0/resource/target/averageValue",
    "3Gi",
  ],
  "a rule of a Role without rules": [
    path(RBAC, "roles", "idle"),
    "add",
    "/rules",
    [{ apiGroups: [""], resources: ["secrets"], verbs: ["get"] }],
  ],
  "an opening of a NetworkPolicy": [path(NETWORK, "networkpolicies", "closed"), "add", "/spec/ingress", [{}]],
  "a description": [`${collection(SCHEDULING, "priorityclasses")}/low`, "add", "/description", "lower"],
};

for (const version of helms) {
  describe(`values of a chart of ${version} that the API server normalizes`, () => {
    let room: Room;
    let upgrade: () => Promise<string>;

    before(async () => {
      room = await Room.open();
      upgrade = await installWith(room, version, chart);
      await postSentinel(room);
    });
    after(() => room.close());

    it("are no reason to write, nor to ask", async () => {
      await lock(room, "web");
      await sentinelReverted(room);
      const requests = requestsToWrite(await room.controlPlane.auditLog(), room.lockerUser);
      const uris = requests.map(({ requestURI }) => requestURI);
      assert.deepEqual(
        uris.filter(uri => !uri.includes("/sentinel")),
        [],
      );
    });

    for (const [what, [object, op, pointer, value]] of Object.entries(edits)) {
      it(`go back: ${what}`, () =>
        isReverted(room, object, () => room.api.patch(object, [{ op, path: pointer, value }])));
    }

    it("are upgraded with no force", async () => {
      assert.match(await upgrade(), /has been upgraded/);
    });
  });
}
