import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { collection, configMap, configMapPath, type Body } from "../hack/lib/objects";
import { hasEvent, lock } from "../hack/locker/helm-release";
import { byPatch, isRecreated, isReverted } from "./support/changes";
import { deployment, type Chart } from "./support/chart";
import { NAMESPACE, Room } from "./support/room";

const RBAC = "rbac.authorization.k8s.io/v1";
const rules = [{ apiGroups: [""], resources: ["configmaps"], verbs: ["get"] }];
const otherRules = [{ apiGroups: [""], resources: ["secrets"], verbs: ["get"] }];

const container = {
  name: "web",
  image: "nginx:1.27",
  env: [{ name: "COLOR", value: "blue" }],
  resources: { limits: { cpu: "1000m", memory: "64Mi" } },
};

const chart: Chart = {
  templates: {
    settings: configMap("settings", { color: "blue" }, { labels: { tier: "front" } }),
    secret: {
      apiVersion: "v1",
      kind: "Secret",
      metadata: { name: "login" },
      stringData: { password: "rosebud" },
    },
    deployment: deployment("web", { containers: [container] }, { replicas: 2 }),
    service: {
      apiVersion: "v1",
      kind: "Service",
      metadata: { name: "web" },
      spec: {
        clusterIP: "None",
        selector: { app: "web" },
        ports: [{ name: "http", port: 80, targetPort: 8080 }],
      },
    },
    role: { apiVersion: RBAC, kind: "Role", metadata: { name: "reader" }, rules },
    "cluster-role": { apiVersion: RBAC, kind: "ClusterRole", metadata: { name: "web-reader" }, rules },
    list: { apiVersion: "v1", kind: "List", items: [configMap("listed", { color: "red" })] },
    elsewhere: configMap("elsewhere", { color: "green" }, { namespace: "warehouse" }),
  },
};

const settings = configMapPath(NAMESPACE, "settings");
const listed = configMapPath(NAMESPACE, "listed");
const elsewhere = configMapPath("warehouse", "elsewhere");
const secret = `${collection("v1", "secrets", NAMESPACE)}/login`;
const deploymentPath = `${collection("apps/v1", "deployments", NAMESPACE)}/web`;
const service = `${collection("v1", "services", NAMESPACE)}/web`;
const role = `${collection(RBAC, "roles", NAMESPACE)}/reader`;
const clusterRole = `${collection(RBAC, "clusterroles")}/web-reader`;

describe("changes to the objects of a locked release", () => {
  let room: Room;
  before(async () => {
    room = await Room.open();
    await room.kubectl("create", "namespace", "warehouse");
    await room.install("web", chart);
    await lock(room, "web");
  });
  after(() => room.close());

  const patches: Record<string, [string, Body]> = {
    "a ConfigMap without namespace": [settings, { data: { color: "red" } }],
    "a ConfigMap's missing key": [settings, { data: { color: null } }],
    "a label": [settings, { metadata: { labels: { tier: "back" } } }],
    "Helm's managed-by label": [settings, { metadata: { labels: { "app.kubernetes.io/managed-by": null } } }],
    "Helm's release annotation": [
      settings,
      { metadata: { annotations: { "meta.helm.sh/release-name": null } } },
    ],
    "a Secret": [secret, { stringData: { password: "guessed" } }],
    "a Service": [service, { spec: { selector: { app: "other" } } }],
    "a Service's target port": [service, { spec: { ports: [{ name: "http", port: 80, targetPort: 9090 }] } }],
    "a Role": [role, { rules: otherRules }],
    "a ClusterRole": [clusterRole, { rules: otherRules }],
    "an object inside a List": [listed, { data: { color: "blue" } }],
    "an object in another namespace": [elsewhere, { data: { color: "blue" } }],
  };
  for (const [what, [path, body]] of Object.entries(patches)) {
    it(`reverts an edit of ${what}`, () => isReverted(room, path, byPatch(room, path, body)));
  }

  const commands: Record<string, string[]> = {
    scale: ["scale", "deployment/web", "--replicas=5"],
    image: ["set", "image", "deployment/web", "web=nginx:1.28"],
    env: ["set", "env", "deployment/web", "COLOR=red"],
    limits: ["set", "resources", "deployment/web", "--limits=cpu=2,memory=64Mi"],
  };
  for (const [what, command] of Object.entries(commands)) {
    it(`reverts a changed ${what} of a Deployment`, () =>
      isReverted(room, deploymentPath, () => room.kubectl(...command)));
  }

  const objects = {
    settings,
    listed,
    elsewhere,
    secret,
    deployment: deploymentPath,
    service,
    role,
    clusterRole,
  };
  for (const [what, path] of Object.entries(objects)) {
    it(`recreates a deleted object: ${what}`, () => isRecreated(room, path));
  }

  it("tells of its reverts in Events", () => hasEvent(room, "web", "Reverted"));

  it("shows no value of a Secret", async () => {
    const seen =
      JSON.stringify(room.locker.logs) + (await room.kubectl("get", "events,helmreleases", "-A", "-o=json"));
    for (const value of ["rosebud", "guessed"]) {
      for (const form of [value, Buffer.from(value).toString("base64")])
        assert.ok(!seen.includes(form), form);
    }
  });

  it("reverts the changes of several releases, in several namespaces", async () => {
    const stock = { templates: { shelves: configMap("shelves", { rows: "3" }) } };
    await room.install("stock", stock, "--namespace=warehouse");
    await lock(room, "stock", { namespace: "warehouse" });
    const shelves = configMapPath("warehouse", "shelves");
    await isReverted(room, shelves, byPatch(room, shelves, { data: { rows: "9" } }));
    await isReverted(room, settings, byPatch(room, settings, { data: { color: "red" } }));
  });
});
