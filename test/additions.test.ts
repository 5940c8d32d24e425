import { after, before, describe, it } from "node:test";
import { collection, configMap, configMapPath } from "../hack/lib/objects";
import { lock } from "../hack/locker/helm-release";
import { deployment, type Chart } from "./support/chart";
import { define, definition } from "./support/definitions";
import { isUndone, ways, type Addition } from "./support/hands";
import { NAMESPACE, Room } from "./support/room";

const RBAC = "rbac.authorization.k8s.io/v1";
const SHELF = "shelf.example.com/v1";

const chart: Chart = {
  templates: {
    settings: configMap("settings", { color: "blue" }),
    web: deployment("web", {
      containers: [{ name: "web", image: "nginx:1.27", env: [{ name: "COLOR", value: "blue" }] }],
    }),
    service: {
      apiVersion: "v1",
      kind: "Service",
      metadata: { name: "web" },
      spec: { selector: { app: "web" }, ports: [{ name: "http", port: 80 }] },
    },
    role: {
      apiVersion: RBAC,
      kind: "Role",
      metadata: { name: "reader" },
      rules: [{ apiGroups: [""], resources: ["configmaps"], verbs: ["get"] }],
    },
    binding: {
      apiVersion: RBAC,
      kind: "RoleBinding",
      metadata: { name: "reader" },
      roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: "reader" },
      subjects: [{ kind: "User", apiGroup: "rbac.authorization.k8s.io", name: "ann" }],
    },
    widget: { apiVersion: SHELF, kind: "Widget", metadata: { name: "wheel" }, spec: { size: 3 } },
  },
};

const settings = { name: "configmap/settings", path: configMapPath(NAMESPACE, "settings") };
const web = { name: "deployment/web", path: `${collection("apps/v1", "deployments", NAMESPACE)}/web` };
const service = { name: "service/web", path: `${collection("v1", "services", NAMESPACE)}/web` };
const role = { name: "role/reader", path: `${collection(RBAC, "roles", NAMESPACE)}/reader` };
const binding = { name: "rolebinding/reader", path: `${collection(RBAC, "rolebindings", NAMESPACE)}/reader` };
const wheel = { name: "widget/wheel", path: `${collection(SHELF, "widgets", NAMESPACE)}/wheel` };

const POD = "/spec/template/spec";
const sidecar = { name: "sidecar", image: "busybox" };

const additions: Record<string, Addition> = {
  "data key": { ...settings, pointer: "/data/extra", value: "yes" },
  container: { ...web, pointer: `${POD}/containers/-`, value: sidecar },
  "init container": { ...web, pointer: `${POD}/initContainers`, value: [sidecar] },
  volume: { ...web, pointer: `${POD}/volumes`, value: [{ name: "scratch", emptyDir: {} }] },
  "env entry": { ...web, pointer: `${POD}/containers/0/env/-`, value: { name: "SIZE", value: "large" } },
  "Role rule": {
    ...role,
    pointer: "/rules/-",
    value: { apiGroups: [""], resources: ["secrets"], verbs: ["list"] },
  },
  "RoleBinding subject": {
    ...binding,
    pointer: "/subjects/-",
    value: { kind: "User", apiGroup: "rbac.authorization.k8s.io", name: "bob" },
  },
  "Service port": { ...service, pointer: "/spec/ports/-", value: { name: "admin", port: 90 } },
  "spec field of a custom resource": { ...wheel, pointer: "/spec/color", value: { rim: ["red"] } },
};

describe("additions to the objects of a locked release", () => {
  let room: Room;
  before(async () => {
    room = await Room.open();
    await define(room, definition("shelf.example.com", "Widget"));
    await room.install("web", chart);
    await lock(room, "web");
  });
  after(() => room.close());

  for (const [what, addition] of Object.entries(additions)) {
    for (const [how, way] of Object.entries(ways)) {
      // The API server has no strategic merge patch for custom resources.
      if (addition === additions["spec field of a custom resource"] && how.endsWith("strategic")) continue;
      it(`${what}, by ${how}: removed`, () => isUndone(room, addition.path, () => way(room, addition)));
    }
  }
});
