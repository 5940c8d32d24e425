import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { collection, configMap, configMapPath, type Body } from "../hack/lib/objects";
import { lock } from "../hack/locker/helm-release";
import { writesOf } from "./support/audit";
import { byPatch, isRecreated, isReverted, postSentinel, sentinelReverted, stands } from "./support/changes";
import { deployment, type Chart } from "./support/chart";
import { define, definition, version } from "./support/definitions";
import { isUndone } from "./support/hands";
import { NAMESPACE, Room } from "./support/room";

const RBAC = "rbac.authorization.k8s.io/v1";
const REGISTRATION = "apiregistration.k8s.io/v1";
const TOOLS = "tools.example.com";

const toolSchema = {
  openAPIV3Schema: {
    type: "object",
    properties: { spec: { type: "object", properties: { size: { type: "integer" } } } },
  },
};

function withContainer(name: string, container: Body, pod: Body = {}): Body {
  return deployment(name, { containers: [{ name: "web", image: "nginx:1.27", ...container }], ...pod });
}

function inDeployment(container: Body): Body {
  return {
    spec: { template: { spec: { containers: [{ name: "web", image: "nginx:1.27", ...container }] } } },
  };
}

function deploymentPath(name: string): string {
  return `${collection("apps/v1", "deployments", NAMESPACE)}/${name}`;
}

const servicePath = `${collection("v1", "services", NAMESPACE)}/dns`;
const secretPath = `${collection("v1", "secrets", NAMESPACE)}/login`;
const quotaPath = `${collection("v1", "resourcequotas", NAMESPACE)}/generous`;
const rolePath = `${collection(RBAC, "clusterroles")}/gathered`;
const toolPath = `${collection(`${TOOLS}/v1`, "tools", NAMESPACE)}/hammer`;
const registrationPath = `${collection(REGISTRATION, "apiservices")}/v1.nowhere.example.com`;

const limits = { cpu: 1.5, memory: "1024Mi", "ephemeral-storage": "1e3" };
const twice = [
  { name: "COLOR", value: "blue" },
  { name: "COLOR", value: "green" },
];

/** An object that the API server stores differently from the chart, or that server-side apply refuses. */
interface Case {
  template: Body | string;
  path: string;
  /** A merge patch. */
  edit: Body;
  addition?: Body;
}

const cases: Record<string, Case> = {
  quantities: {
    template: withContainer("quantities", { resources: { requests: { cpu: "1000m" }, limits } }),
    path: deploymentPath("quantities"),
    edit: inDeployment({ resources: { requests: { cpu: "1000m" }, limits: { ...limits, memory: "2Gi" } } }),
    addition: inDeployment({
      resources: { requests: { cpu: "1000m", memory: "1Mi" }, limits },
    }),
  },
  "quantities of a ResourceQuota": {
    template: {
      apiVersion: "v1",
      kind: "ResourceQuota",
      metadata: { name: "generous" },
      spec: { hard: { "requests.cpu": "1000000m", pods: 1000 } },
    },
    path: quotaPath,
    edit: { spec: { hard: { pods: "2000" } } },
    addition: { spec: { hard: { services: "1000" } } },
  },
  "nulls and empty values": {
    template: withContainer(
      "nulls",
      { command: null, args: [], env: [{ name: "EMPTY", value: null }], securityContext: {}, resources: {} },
      { nodeSelector: null, tolerations: [], affinity: {}, securityContext: { runAsUser: null } },
    ),
    path: deploymentPath("nulls"),
    edit: inDeployment({ image: "nginx:1.28", env: [{ name: "EMPTY", value: "not" }] }),
    addition: {
      spec: { template: { spec: { nodeSelector: { disk: "fast" }, securityContext: { runAsUser: 7 } } } },
    },
  },
  "a null value of a ConfigMap": {
    template: {
      ...configMap("blank", {}, { labels: null, annotations: { "example.com/none": null } }),
      data: { color: "blue", none: null },
    },
    path: configMapPath(NAMESPACE, "blank"),
    edit: { data: { none: "something" } },
    addition: { data: { extra: "yes" } },
  },
  "ports without protocol": {
    template: {
      apiVersion: "v1",
      kind: "Service",
      metadata: { name: "dns" },
      spec: {
        clusterIP: "None",
        selector: { app: "dns" },
        ports: [
          { name: "dns-tcp", port: 53 },
          { name: "dns", port: 53, protocol: "UDP" },
        ],
      },
    },
    path: servicePath,
    edit: {
      spec: {
        ports: [
          { name: "dns-tcp", port: 5353 },
          { name: "dns", port: 53, protocol: "UDP" },
        ],
      },
    },
    addition: {
      spec: {
        ports: [
          { name: "dns-tcp", port: 53, protocol: "TCP", appProtocol: "dns" },
          { name: "dns", port: 53, protocol: "UDP" },
        ],
      },
    },
  },
  "stringData beside data": {
    template: {
      apiVersion: "v1",
      kind: "Secret",
      metadata: { name: "login" },
      data: { user: "YW5u", password: "b2xk" },
      stringData: { password: "rosebud" },
    },
    path: secretPath,
    edit: { stringData: { password: "guessed" } },
    addition: { stringData: { extra: "planted" } },
  },
  "the same key twice in a list": {
    template: withContainer("twice", { env: twice }),
    path: deploymentPath("twice"),
    edit: inDeployment({ image: "nginx:1.28", env: twice }),
    addition: inDeployment({ env: twice, workingDir: "/tmp" }),
  },
  "a field that the kind does not know": {
    template: withContainer("unknown", { colour: "blue" }, { shape: "round" }),
    path: deploymentPath("unknown"),
    edit: inDeployment({ image: "nginx:1.28" }),
    addition: { spec: { minReadySeconds: 7 } },
  },
  "a field that the custom resource does not know": {
    template: {
      apiVersion: `${TOOLS}/v1`,
      kind: "Tool",
      metadata: { name: "hammer" },
      spec: { size: 3, colour: "blue" },
    },
    path: toolPath,
    edit: { spec: { size: 4 } },
  },
  "an aggregated ClusterRole": {
    template: {
      apiVersion: RBAC,
      kind: "ClusterRole",
      metadata: { name: "gathered" },
      aggregationRule: { clusterRoleSelectors: [{ matchLabels: { "example.com/gather": "yes" } }] },
      rules: [],
    },
    path: rolePath,
    edit: { aggregationRule: { clusterRoleSelectors: [{ matchLabels: { "example.com/gather": "no" } }] } },
  },
  "an APIService": {
    template: {
      apiVersion: REGISTRATION,
      kind: "APIService",
      metadata: { name: "v1.nowhere.example.com" },
      spec: {
        group: "nowhere.example.com",
        version: "v1",
        groupPriorityMinimum: 100,
        versionPriority: 10,
        insecureSkipTLSVerify: true,
        service: { name: "nowhere", namespace: NAMESPACE },
      },
    },
    path: registrationPath,
    edit: { spec: { groupPriorityMinimum: 200 } },
  },
  "text that looks like something else": {
    template: [
      "apiVersion: v1",
      "kind: ConfigMap",
      "metadata: {name: texts}",
      'data: {octal: "0644", yes: "on", time: "12:30:45", big: "12345678901234567890", day: "2001-01-01"}',
    ].join("\n"),
    path: configMapPath(NAMESPACE, "texts"),
    edit: { data: { octal: "420" } },
    addition: { data: { extra: "yes" } },
  },
};

function chart(): Chart {
  const templates = Object.values(cases).map(({ template }, index): [string, Body | string] => [
    `case-${index}`,
    template,
  ]);
  return { templates: Object.fromEntries(templates) };
}

describe("hard cases", () => {
  let room: Room;
  before(async () => {
    room = await Room.open(postSentinel);
    await define(room, definition(TOOLS, "Tool", [version("v1", { schema: toolSchema })]));
    await room.install("web", chart());
  });
  after(() => room.close());

  it("are all locked, and none is written to while it is right", async () => {
    await lock(room, "web");
    await sentinelReverted(room);
    const writes = writesOf(await room.controlPlane.auditLog(), room.lockerUser).map(
      ({ requestURI }) => requestURI,
    );
    assert.deepEqual(
      writes.filter(write => !write.includes("sentinel")),
      [],
    );
  });

  for (const [what, { path, edit, addition }] of Object.entries(cases)) {
    it(`${what}: an edit is reverted`, () => isReverted(room, path, byPatch(room, path, edit)));
    if (addition)
      it(`${what}: an addition is removed`, () => isUndone(room, path, byPatch(room, path, addition)));
    it(`${what}: it is recreated`, () => isRecreated(room, path));
    it(`${what}: an edit is reverted after that, too`, () =>
      isReverted(room, path, byPatch(room, path, edit)));
  }

  it("keeps the rules that the controller gathers for an aggregated ClusterRole", async () => {
    const rules = [{ apiGroups: [""], resources: ["configmaps"], verbs: ["get"] }];
    const change = byPatch(room, `${rolePath}?fieldManager=clusterrole-aggregation-controller`, { rules });
    await stands(room, rolePath, change);
    const edit = {
      aggregationRule: { clusterRoleSelectors: [{ matchLabels: { "example.com/gather": "no" } }] },
    };
    await isReverted(room, rolePath, byPatch(room, rolePath, edit));
  });

  it("shows no value of a Secret", async () => {
    const seen =
      JSON.stringify(room.locker.logs) + (await room.kubectl("get", "events,helmreleases", "-A", "-o=json"));
    for (const value of ["rosebud", "guessed", "planted"])
      for (const form of [value, Buffer.from(value).toString("base64")])
        assert.ok(!seen.includes(form), form);
  });
});
