import { after, before, describe, it } from "node:test";
import { collection, configMap, configMapPath, type Body } from "../hack/lib/objects";
import { isLocked } from "../hack/locker/helm-release";
import { helms, installWith } from "./support/both-helms";
import { byPatch, isRecreated, isReverted } from "./support/changes";
import { deployment, type Chart } from "./support/chart";
import { define, definition, version } from "./support/definitions";
import { NAMESPACE, Room } from "./support/room";
import { lockUnwritten } from "./support/unwritten";

const RBAC = "rbac.authorization.k8s.io/v1";
const PARTS = "parts.example.com";

/** Versions with names that Kubernetes takes, and that say nothing of their age; one kind has no namespace. */
const bolt = definition(PARTS, "Bolt", [version("stable")]);
const nut = definition(PARTS, "Nut", [version("v1-beta")]);
const sheet = clusterScoped(definition(PARTS, "Sheet", [version("x2026-11")]));

function clusterScoped({ spec, ...rest }: Body): Body {
  return { ...rest, spec: { ...Object(spec), scope: "Cluster" } };
}

const rules = [{ apiGroups: [""], resources: ["configmaps"], verbs: ["get"] }];

/** A value that is not given, between quotes or without them. */
const rendered = `apiVersion: v1
kind: ConfigMap
metadata:
  name: rendered
  namespace: "{{ .Values.namespace }}"
data: {color: blue}
---
apiVersion: v1
kind: ConfigMap
metadata:
  name: unquoted
  namespace: {{ .Values.namespace }}
data: {color: blue}
`;

const chart: Chart = {
  values: { namespace: "" },
  templates: {
    rendered,
    settings: configMap("settings", { color: "blue" }, { namespace: "" }),
    listed: {
      apiVersion: "v1",
      kind: "List",
      items: [configMap("listed", { color: "blue" }, { namespace: "" })],
    },
    web: placed(deployment("web", {}, { minReadySeconds: 1 })),
    role: placed({ apiVersion: RBAC, kind: "ClusterRole", metadata: { name: "reader" }, rules }),
    priority: placed({
      apiVersion: "scheduling.k8s.io/v1",
      kind: "PriorityClass",
      metadata: { name: "high" },
      value: 7,
      description: "First",
    }),
    bolt: placed({
      apiVersion: `${PARTS}/stable`,
      kind: "Bolt",
      metadata: { name: "m8" },
      spec: { size: 8 },
    }),
    nut: { apiVersion: `${PARTS}/v1-beta`, kind: "Nut", metadata: { name: "m8" }, spec: { size: 8 } },
    sheet: placed({
      apiVersion: `${PARTS}/x2026-11`,
      kind: "Sheet",
      metadata: { name: "a4" },
      spec: { size: 4 },
    }),
  },
};

function placed(body: Body): Body {
  return { ...body, metadata: { ...Object(body.metadata), namespace: "" } };
}

const size = { spec: { size: 99 } };
const color = { data: { color: "red" } };

/** Each object: where it is, an edit, and an addition. */
const objects: Record<string, [path: string, edit: Body, addition: Body]> = {
  "a ConfigMap": [configMapPath(NAMESPACE, "settings"), color, { data: { extra: "x" } }],
  "a ConfigMap of a template": [configMapPath(NAMESPACE, "rendered"), color, { data: { extra: "x" } }],
  "a ConfigMap whose namespace is null": [
    configMapPath(NAMESPACE, "unquoted"),
    color,
    { data: { extra: "x" } },
  ],
  "a ConfigMap of a List": [configMapPath(NAMESPACE, "listed"), color, { data: { extra: "x" } }],
  "a Deployment": [
    `${collection("apps/v1", "deployments", NAMESPACE)}/web`,
    { spec: { minReadySeconds: 5 } },
    { spec: { paused: true } },
  ],
  "a ClusterRole": [
    `${collection(RBAC, "clusterroles")}/reader`,
    { rules: [] },
    { rules: [...rules, { apiGroups: [""], resources: ["secrets"], verbs: ["get"] }] },
  ],
  "a PriorityClass": [
    `${collection("scheduling.k8s.io/v1", "priorityclasses")}/high`,
    { description: "Last" },
    { globalDefault: true },
  ],
  "a custom resource of version stable": [
    `${collection(`${PARTS}/stable`, "bolts", NAMESPACE)}/m8`,
    size,
    { spec: { thread: "fine" } },
  ],
  "a custom resource of version v1-beta": [
    `${collection(`${PARTS}/v1-beta`, "nuts", NAMESPACE)}/m8`,
    size,
    { spec: { thread: "fine" } },
  ],
  "a custom resource without namespace": [
    `${collection(`${PARTS}/x2026-11`, "sheets")}/a4`,
    size,
    { spec: { ruled: true } },
  ],
};

for (const helm of helms) {
  describe(`objects of an empty namespace or an unusual version, of a release of ${helm}`, () => {
    let room: Room;
    let upgrade: () => Promise<string>;

    before(async () => {
      room = await Room.open();
      for (const body of [bolt, nut, sheet]) await define(room, body);
      upgrade = await installWith(room, helm, chart);
      await lockUnwritten(room);
    });
    after(() => room.close());

    for (const [what, [path, edit, addition]] of Object.entries(objects)) {
      it(`are locked: ${what}`, async () => {
        await isReverted(room, path, byPatch(room, path, edit));
        await isReverted(room, path, byPatch(room, path, addition));
        await isRecreated(room, path);
      });
    }

    it("leave a release that is upgraded with no force, and a lock without problems", async () => {
      await upgrade();
      await isLocked(room, "web");
      await isReverted(room, configMapPath(NAMESPACE, "settings"), () =>
        room.kubectl("patch", "configmap/settings", "--type=merge", "-p", JSON.stringify(color)),
      );
    });
  });
}
