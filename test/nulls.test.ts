import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { collection, content, type Body } from "../hack/lib/objects";
import { isLocked } from "../hack/locker/helm-release";
import { helms, installWith } from "./support/both-helms";
import { byPatch, isRecreated, isReverted, sentinelReverted, stands } from "./support/changes";
import { deployment, type Chart } from "./support/chart";
import { define, definition, version } from "./support/definitions";
import { NAMESPACE, Room } from "./support/room";
import { lockUnwritten } from "./support/unwritten";

const RBAC = "rbac.authorization.k8s.io/v1";
const PUMPS = "pumps.example.com";

const seconds = { type: "integer", nullable: true, default: 30 };

function fields(properties: Body, more: Body = {}): Body {
  return { type: "object", properties, ...more };
}

const pump = definition(PUMPS, "Pump", [
  version("v1", {
    schema: {
      openAPIV3Schema: fields({
        spec: fields({
          timeout: seconds,
          retry: fields({ limit: seconds, backoff: fields({ pause: seconds }) }),
          limits: fields(
            { flow: { type: "integer" }, depth: { type: "integer" } },
            { nullable: true, default: { flow: 5 } },
          ),
          hoses: {
            type: "array",
            "x-kubernetes-list-type": "map",
            "x-kubernetes-list-map-keys": ["name"],
            items: fields({ name: { type: "string" }, length: seconds }, { required: ["name"] }),
          },
          valves: { type: "array", items: fields({ open: seconds, label: { type: "string" } }) },
          speeds: fields({}, { additionalProperties: seconds }),
          strict: { type: "integer", default: 7 },
          note: { type: "string", nullable: true },
          unit: { type: "string" },
        }),
      }),
    },
  }),
]);

const chart: Chart = {
  templates: {
    pump: {
      apiVersion: `${PUMPS}/v1`,
      kind: "Pump",
      metadata: { name: "well" },
      spec: {
        timeout: null,
        retry: { limit: null, backoff: { pause: null } },
        limits: null,
        hoses: [{ name: "in", length: null }, { name: "out" }],
        valves: [{ open: null, label: "a" }, { label: "b" }],
        strict: null,
        note: null,
        unit: "bar",
      },
    },
    role: { apiVersion: RBAC, kind: "Role", metadata: { name: "idle" }, rules: null },
    binding: {
      apiVersion: RBAC,
      kind: "RoleBinding",
      metadata: { name: "idle", labels: null, annotations: null },
      roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: "idle" },
      subjects: null,
    },
    web: deployment(
      "web",
      {
        containers: [
          { name: "web", image: "nginx:1.27", resources: null, env: null, args: null, livenessProbe: null },
        ],
        nodeSelector: null,
        tolerations: null,
        affinity: null,
        securityContext: null,
      },
      { replicas: null, strategy: null },
    ),
    service: {
      apiVersion: "v1",
      kind: "Service",
      metadata: { name: "web", annotations: null },
      spec: {
        clusterIP: "None",
        type: null,
        selector: { app: "web" },
        ports: [{ port: 80, nodePort: null }],
      },
    },
    account: {
      apiVersion: "v1",
      kind: "ServiceAccount",
      metadata: { name: "runner", annotations: null },
      imagePullSecrets: null,
      automountServiceAccountToken: null,
    },
    claim: {
      apiVersion: "v1",
      kind: "PersistentVolumeClaim",
      metadata: { name: "disk" },
      spec: {
        accessModes: ["ReadWriteOnce"],
        storageClassName: null,
        selector: null,
        resources: { requests: { storage: "1Gi" }, limits: null },
      },
    },
    ingress: {
      apiVersion: "networking.k8s.io/v1",
      kind: "Ingress",
      metadata: { name: "web", annotations: null },
      spec: {
        ingressClassName: null,
        tls: null,
        defaultBackend: { service: { name: "web", port: { number: 80 } } },
      },
    },
    budget: {
      apiVersion: "policy/v1",
      kind: "PodDisruptionBudget",
      metadata: { name: "web" },
      spec: { minAvailable: 1, maxUnavailable: null, selector: { matchLabels: { app: "web" } } },
    },
  },
};

const path = (apiVersion: string, plural: string, name: string): string =>
  `${collection(apiVersion, plural, NAMESPACE)}/${name}`;

const well = path(`${PUMPS}/v1`, "pumps", "well");
const web = path("apps/v1", "deployments", "web");
const role = path(RBAC, "roles", "idle");
const binding = path(RBAC, "rolebindings", "idle");
const service = path("v1", "services", "web");
const account = path("v1", "serviceaccounts", "runner");
const ingress = path("networking.k8s.io/v1", "ingresses", "web");

const replace = (pointer: string, value: unknown): Body => ({ op: "replace", path: pointer, value });
const add = (pointer: string, value: unknown): Body => ({ op: "add", path: pointer, value });
const remove = (pointer: string): Body => ({ op: "remove", path: pointer });

const rule = { apiGroups: [""], resources: ["secrets"], verbs: ["get"] };
const container = "/spec/template/spec/containers/0";

/** What goes where the chart says null. */
const changes: Record<string, [path: string, ...patch: Body[]]> = {
  "a value in place of null": [well, replace("/spec/timeout", 10)],
  "the default in place of null": [well, replace("/spec/timeout", 30)],
  "null that is removed, so that the default comes back": [well, remove("/spec/timeout")],
  "a value at depth": [well, replace("/spec/retry/limit", 3)],
  "null at depth that is removed": [well, remove("/spec/retry/backoff/pause")],
  "a map in place of null": [well, replace("/spec/limits", { flow: 9 })],
  "a default map in place of null": [well, remove("/spec/limits")],
  "a value in an item of a list": [well, replace("/spec/hoses/0/length", 2)],
  "null in an item that is removed": [well, remove("/spec/hoses/0/length")],
  "null in place of a default": [well, replace("/spec/hoses/1/length", null)],
  "a value in an item of a list with one owner": [well, replace("/spec/valves/0/open", 2)],
  "null that is removed from an item of a list with one owner": [well, remove("/spec/valves/0/open")],
  "null in place of a default in a list with one owner": [well, replace("/spec/valves/1/open", null)],
  "a value in place of null that has no default": [well, replace("/spec/note", "x")],
  "another field beside nulls": [well, replace("/spec/unit", "psi")],
  "a default where null is no value": [well, replace("/spec/strict", 8)],
  "two keys of a map in place of null": [well, replace("/spec/limits", { flow: 9, depth: 2 })],
  "an empty map in place of null": [well, replace("/spec/limits", {})],
  "a runAsUser": [web, replace("/spec/template/spec/securityContext", { runAsUser: 0 })],
  "both at once": [well, replace("/spec/unit", "psi"), replace("/spec/timeout", 1)],
  "a key that is added beside nulls": [well, add("/spec/speeds", { low: null })],
  "rules of a Role": [role, add("/rules", [rule])],
  "subjects of a RoleBinding": [binding, add("/subjects", [{ kind: "User", name: "mallory" }])],
  "resources of a container": [web, replace(`${container}/resources`, { limits: { cpu: "1" } })],
  "env of a container": [web, add(`${container}/env`, [{ name: "A", value: "b" }])],
  "args of a container": [web, add(`${container}/args`, ["-x"])],
  "a nodeSelector": [web, add("/spec/template/spec/nodeSelector", { disk: "fast" })],
  "a toleration": [web, add("/spec/template/spec/tolerations", [{ operator: "Exists" }])],
  "a strategy": [web, replace("/spec/strategy", { type: "Recreate" })],
  "an ingressClassName": [ingress, add("/spec/ingressClassName", "public")],
  "tls of an Ingress": [ingress, add("/spec/tls", [{ hosts: ["a.example.com"] }])],
  automountServiceAccountToken: [account, add("/automountServiceAccountToken", false)],
};

/** What stays, for the chart's null leaves it to others as its absence does. */
const others: Record<string, [path: string, patch: Body]> = {
  "an annotation where the chart has annotations: null": [
    service,
    { metadata: { annotations: { "team.example.com/note": "mine" } } },
  ],
  "a label where the chart has labels: null": [binding, { metadata: { labels: { team: "a" } } }],
  "the imagePullSecrets of a ServiceAccount": [account, { imagePullSecrets: [{ name: "registry" }] }],
  "the number of replicas": [web, { spec: { replicas: 3 } }],
};

for (const helm of helms) {
  describe(`where the chart of a release of ${helm} says null`, () => {
    let room: Room;
    let upgrade: () => Promise<string>;

    before(async () => {
      room = await Room.open();
      await define(room, pump);
      upgrade = await installWith(room, helm, chart);
      await lockUnwritten(room);
    });
    after(() => room.close());

    for (const [what, [object, ...patch]] of Object.entries(changes)) {
      it(`goes: ${what}`, () => isReverted(room, object, () => room.api.patch(object, patch)));
    }

    it("is made again as it was", () => isRecreated(room, well));

    it("leaves a release that is upgraded with no force, and a lock without problems", async () => {
      await upgrade();
      const before = content(await room.api.read(well));
      await isLocked(room, "web");
      await sentinelReverted(room);
      assert.deepEqual(content(await room.api.read(well)), before);
      await isReverted(room, well, () => room.api.patch(well, [replace("/spec/timeout", 10)]));
    });

    // Helm 4 claims what its manifest has as null, so that it would not upgrade over these, with or without a locker.
    for (const [what, [object, patch]] of Object.entries(others)) {
      it(`stays: ${what}`, () => stands(room, object, byPatch(room, object, patch)));
    }
  });
}

/** A variable is there twice, so that no apply can be made of it. */
const stubborn = deployment("stubborn", {
  containers: [
    { name: "web", image: "nginx:1.27", env: [{ name: "A" }, { name: "A", value: "b" }], resources: null },
  ],
  tolerations: null,
  nodeSelector: null,
  securityContext: null,
});

const text = { type: "string" };

/** No apply can be made of a set of lists. */
const rack = definition(PUMPS, "Rack", [
  version("v1", {
    schema: {
      openAPIV3Schema: fields({
        spec: fields({
          rows: { type: "array", "x-kubernetes-list-type": "set", items: { type: "array", items: text } },
          slots: {
            type: "array",
            "x-kubernetes-list-type": "map",
            "x-kubernetes-list-map-keys": ["key"],
            items: fields(
              {
                key: text,
                load: { type: "integer", nullable: true },
                side: { ...text, default: "left" },
                note: text,
              },
              { required: ["key", "load"] },
            ),
          },
          shelves: { type: "array", items: fields({ load: seconds, note: text }) },
        }),
      }),
    },
  }),
]);

const stubbornRack = {
  apiVersion: `${PUMPS}/v1`,
  kind: "Rack",
  metadata: { name: "stubborn" },
  spec: {
    rows: [["a", "a"], []],
    slots: [
      { key: "a", load: null },
      { key: "b", load: 2, side: null },
    ],
    shelves: [{ load: null }, { load: 7 }],
  },
};

const inLists: Record<string, Body> = {
  "a value in place of null": replace("/spec/slots/0/load", 3),
  "null in place of a value": replace("/spec/slots/1/load", null),
  "a note beside null": add("/spec/slots/0/note", "mine"),
  "another side": replace("/spec/slots/1/side", "right"),
  "an item with null": add("/spec/slots/-", { key: "c", load: null }),
  "an item without null": remove("/spec/slots/0"),
  "the default in place of null in a list with one owner": remove("/spec/shelves/0/load"),
  "null in a list with one owner": replace("/spec/shelves/1/load", null),
  "a note in a list with one owner": add("/spec/shelves/0/note", "mine"),
  "all items": remove("/spec/slots"),
};

const additions: Record<string, Body> = {
  "a toleration": add("/spec/template/spec/tolerations", [{ operator: "Exists" }]),
  "a nodeSelector": add("/spec/template/spec/nodeSelector", { disk: "fast" }),
  "a runAsUser": replace("/spec/template/spec/securityContext", { runAsUser: 0 }),
  "a limit": replace(`${container}/resources`, { limits: { cpu: "1" } }),
};

describe("where the chart says null in an object that server-side apply refuses", () => {
  let room: Room;
  before(async () => {
    room = await Room.open();
    await define(room, rack);
    await room.install("web", { templates: { stubborn, rack: stubbornRack } });
    await lockUnwritten(room);
    await isLocked(room, "web");
  });
  after(() => room.close());

  const deploymentPath = path("apps/v1", "deployments", "stubborn");
  for (const [what, patch] of Object.entries(additions)) {
    it(`goes: ${what}`, () =>
      isReverted(room, deploymentPath, () => room.api.patch(deploymentPath, [patch])));
  }

  const rackPath = path(`${PUMPS}/v1`, "racks", "stubborn");
  for (const [what, patch] of Object.entries(inLists)) {
    it(`goes, in lists: ${what}`, () => isReverted(room, rackPath, () => room.api.patch(rackPath, [patch])));
  }

  it("is made again as it was, with null in lists", () => isRecreated(room, rackPath));

  it("leaves a lock without problems", async () => {
    await isLocked(room, "web");
  });
});
