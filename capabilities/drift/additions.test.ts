import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Json, JsonObject, KubeObject } from "../kube/object";
import { additions, gaps, leftovers, shared, type Judging } from "./additions";
import { leftIn } from "./left";
import type { Left } from "../kube/path";
import { parsePath } from "../kube/path-text";

/** How the objects here are judged: Helm writes as helm, unless told otherwise. */
function judging(desired: KubeObject, live: KubeObject, manager = "helm"): Judging {
  const left = leftIn({ desired, live, manager: "helm", isAutoscaled: false, knowsControllers: true });
  return { desired, live, manager, left };
}

const ports = [{ name: "http", port: 80 }];

const desired: KubeObject = {
  apiVersion: "v1",
  kind: "Service",
  metadata: { name: "web", labels: { app: "web" } },
  spec: { type: "ClusterIP", ports },
};

const port = 'k:{"port":80,"protocol":"TCP"}';

/** The live object, with another type, and with fields that somebody besides Helm owns. */
function live(fieldsV1: JsonObject, owner: JsonObject = {}): KubeObject {
  const helm = { manager: "helm", operation: "Apply", fieldsV1: { "f:spec": { "f:type": {} } } };
  const other = { manager: "kubectl", operation: "Apply", fieldsV1, ...owner };
  return {
    ...desired,
    metadata: { ...desired.metadata, finalizers: ["x"], managedFields: [helm, other] },
    spec: { type: "NodePort", ports: [{ name: "http", port: 80, protocol: "TCP", nodePort: 30_000 }] },
  };
}

const origin = { is: "chart" } as const;

describe("shared", () => {
  const cases: Record<string, [fields: JsonObject, found: string[], owner?: JsonObject]> = {
    "a field with the desired value": [
      { "f:spec": { "f:ports": { [port]: { "f:name": {} } } } },
      [`f:spec f:ports ${port} f:name`],
    ],
    "a list item itself": [
      { "f:spec": { "f:ports": { [port]: { ".": {} } } } },
      [`f:spec f:ports ${port} .`],
    ],
    "a label": [{ "f:metadata": { "f:labels": { "f:app": {} } } }, ["f:metadata f:labels f:app"]],
    "no field that an apply changes, and so frees": [{ "f:spec": { "f:type": {} } }, []],
    "nothing that is not desired": [{ "f:spec": { "f:ports": { [port]: { "f:nodePort": {} } } } }, []],
    "no finalizer": [{ "f:metadata": { "f:finalizers": { 'v:"x"': {} } } }, []],
    "nothing of the status": [
      { "f:metadata": { "f:labels": { "f:app": {} } } },
      [],
      { subresource: "status" },
    ],
    "nothing of Helm's own": [{ "f:metadata": { "f:labels": { "f:app": {} } } }, [], { manager: "helm" }],
  };
  for (const [what, [fields, found, owner]] of Object.entries(cases)) {
    it(`finds ${what}`, () => {
      const paths = shared(judging(desired, live(fields, owner))).map(({ path }) => path.join(" "));
      assert.deepEqual(paths, found);
    });
  }
});

describe("shared, of what the server normalizes", () => {
  it("finds a quantity that somebody has written, too", () => {
    const desired: KubeObject = {
      apiVersion: "v1",
      kind: "ResourceQuota",
      metadata: { name: "a" },
      spec: { hard: { cpu: "2000m", pods: 1 } },
    };
    const fieldsV1 = { "f:spec": { "f:hard": { "f:cpu": {}, "f:pods": {} } } };
    const owner = { manager: "kubectl", operation: "Apply", fieldsV1 };
    const live = {
      ...desired,
      metadata: { name: "a", managedFields: [owner] },
      spec: { hard: { cpu: "2", pods: "3" } },
    };
    const found = shared({ desired, live, manager: "helm", left: [] });
    assert.deepEqual(
      found.map(({ pointer }) => pointer),
      ["/spec/hard/cpu"],
    );
  });
});

describe("shared, of what is left to others", () => {
  const route: KubeObject = { ...desired, kind: "Route", spec: { rules: [{ weight: 1 }], bundle: "" } };
  const found = (fieldsV1: JsonObject, left: Left[]) => {
    const owner = { manager: "controller", operation: "Update", fieldsV1 };
    const live = { ...route, metadata: { ...route.metadata, managedFields: [owner] } };
    return shared({ desired: route, live, manager: "helm", left }).map(({ pointer }) => pointer);
  };
  const rules = { "f:spec": { "f:rules": {} } };

  it("finds no list that has one owner as a whole and holds it", () => {
    const path = parsePath("/spec/rules/*/weight");
    assert.deepEqual(found(rules, []), ["/spec/rules"]);
    assert.deepEqual(found(rules, [{ path, origin, by: manager => manager === "controller" }]), []);
    assert.deepEqual(found(rules, [{ path, origin, by: manager => manager === "another" }]), ["/spec/rules"]);
  });

  it("finds nothing that is left to somebody else who holds it, too: it would be taken from both", () => {
    const fieldsV1 = { "f:spec": { "f:bundle": {} } };
    const owners = ["hand", "controller"].map(manager => ({ manager, operation: "Update", fieldsV1 }));
    const left: Left = { path: parsePath("/spec/bundle"), origin, by: manager => manager === "controller" };
    const pointers = (managedFields: Json[]) => {
      const live = { ...route, metadata: { ...route.metadata, managedFields } };
      return shared({ desired: route, live, manager: "helm", left: [left] }).map(({ pointer }) => pointer);
    };
    assert.deepEqual(pointers(owners), []);
    assert.deepEqual(pointers(owners.slice(0, 1)), ["/spec/bundle"]);
  });

  it("judges by the manifest what that leaves empty", () => {
    const left: Left = { path: parsePath("/spec/bundle"), origin, onlyEmpty: true, manifest: route };
    const filled = { ...route, spec: { bundle: "CA" } };
    const owner = { manager: "injector", operation: "Update", fieldsV1: { "f:spec": { "f:bundle": {} } } };
    const live = { ...filled, metadata: { ...route.metadata, managedFields: [owner] } };
    assert.deepEqual(shared({ desired: filled, live, manager: "helm", left: [left] }), []);
    assert.equal(shared({ desired: filled, live, manager: "helm", left: [] }).length, 1);
  });
});

const workload: KubeObject = {
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name: "web", labels: { app: "web" } },
  template: { containers: [{ name: "web", image: "nginx", env: [{ name: "A" }] }] },
  spec: { template: {} },
};

const web = { name: "web", image: "nginx", env: [{ name: "A" }] };
const sidecar = { name: "sidecar", image: "busybox" };
const WEB = 'k:{"name":"web"}';
const SIDECAR = 'k:{"name":"sidecar"}';

/** An owner of fields, by default kubectl-edit. */
function owned(fieldsV1: JsonObject, owner: JsonObject = {}): JsonObject {
  return { manager: "kubectl-edit", operation: "Update", fieldsV1, ...owner };
}

/** The workload after somebody has changed it. */
function grown(more: JsonObject, managedFields: Json[], metadata: JsonObject = {}): KubeObject {
  return { ...workload, ...more, metadata: { ...workload.metadata, managedFields, ...metadata } };
}

const paused = { paused: true };
const pausedFields = { "f:paused": {} };
const twoVolumes = { 'k:{"name":"a"}': { "f:name": {} }, 'k:{"name":"b"}': { "f:name": {} } };

describe("additions", () => {
  const added: Record<string, [more: JsonObject, owners: JsonObject[], pointers: string[]]> = {
    "a list item": [
      { template: { containers: [sidecar, web] } },
      [owned({ "f:template": { "f:containers": { [SIDECAR]: { ".": {}, "f:name": {}, "f:image": {} } } } })],
      ["/template/containers/0"],
    ],
    "a list that the manifest has not, as a whole": [
      { template: { containers: [web], volumes: [{ name: "a" }, { name: "b" }] } },
      [owned({ "f:template": { "f:volumes": twoVolumes } })],
      ["/template/volumes"],
    ],
    "fields of a desired item": [
      { template: { containers: [{ ...web, env: [{ name: "A" }, { name: "B" }], tty: true }] } },
      [
        owned({
          "f:template": {
            "f:containers": { [WEB]: { "f:tty": {}, "f:env": { 'k:{"name":"B"}': { "f:name": {} } } } },
          },
        }),
      ],
      ["/template/containers/0/tty", "/template/containers/0/env/1"],
    ],
    "what two have added, once": [
      paused,
      [owned(pausedFields), owned(pausedFields, { manager: "argocd" })],
      ["/paused"],
    ],
    "what was added again after it had been taken over": [
      paused,
      [owned(pausedFields, { manager: "helm", operation: "Apply" }), owned(pausedFields)],
      ["/paused"],
    ],
    "only what nobody else holds a part of": [
      { strategy: { type: "Recreate", rolling: 1 } },
      [
        owned({ "f:strategy": { "f:rolling": {} } }),
        owned({ "f:strategy": { "f:type": {} } }, { manager: "helm" }),
      ],
      ["/strategy/rolling"],
    ],
    "what kubectl adds, though it has written the status": [
      paused,
      [owned(pausedFields), owned({ "f:status": {} }, { subresource: "status" })],
      ["/paused"],
    ],
    "an annotation of the pod template beside the one of kubectl rollout restart": [
      {
        spec: {
          template: { metadata: { annotations: { "kubectl.kubernetes.io/restartedAt": "1", note: "x" } } },
        },
      },
      [
        owned({
          "f:spec": {
            "f:template": {
              "f:metadata": {
                "f:annotations": { ".": {}, "f:kubectl.kubernetes.io/restartedAt": {}, "f:note": {} },
              },
            },
          },
        }),
      ],
      ["/spec/template/metadata/annotations/note"],
    ],
  };
  for (const [what, [more, owners, pointers]] of Object.entries(added)) {
    it(`are ${what}`, () => {
      const found = additions(judging(workload, grown(more, owners)));
      assert.deepEqual(
        found.map(({ pointer }) => pointer),
        pointers,
      );
    });
  }

  const metadata: Record<string, [metadata: JsonObject, fields: JsonObject, isAdded: boolean]> = {
    "an annotation that steers Helm": [
      { annotations: { "helm.sh/resource-policy": "keep" } },
      { "f:annotations": { "f:helm.sh/resource-policy": {} } },
      true,
    ],
    "an annotation of Helm's ownership": [
      { annotations: { "meta.helm.sh/x": "y" } },
      { "f:annotations": { "f:meta.helm.sh/x": {} } },
      true,
    ],
    "a label of Helm's": [
      { labels: { app: "web", "helm.sh/chart": "x" } },
      { "f:labels": { "f:helm.sh/chart": {} } },
      true,
    ],
    "an annotation of one's own": [
      { annotations: { "not-helm.sh/x": "y" } },
      { "f:annotations": { "f:not-helm.sh/x": {} } },
      false,
    ],
    "a label of one's own": [{ labels: { app: "web", team: "a" } }, { "f:labels": { "f:team": {} } }, false],
    "a finalizer": [{ finalizers: ["x"] }, { "f:finalizers": { 'v:"x"': {} } }, false],
  };
  for (const [what, [more, fields, isAdded]] of Object.entries(metadata)) {
    it(`are ${isAdded ? "" : "not "}${what}`, () => {
      const live = grown({}, [owned({ "f:metadata": fields })], more);
      assert.equal(additions(judging(workload, live)).length, isAdded ? 1 : 0);
    });
  }

  const OWNER_KIND = "objectset.rio.cattle.io/owner-gvk";
  const HASH = "objectset.rio.cattle.io/hash";
  const marks = {
    "f:metadata": { "f:annotations": { [`f:${OWNER_KIND}`]: {} }, "f:labels": { [`f:${HASH}`]: {} } },
  };
  const marked = (owner: string, manager: JsonObject) =>
    grown({}, [owned(marks, manager)], {
      labels: { app: "web", [HASH]: "x" },
      annotations: { [OWNER_KIND]: owner },
    });
  const original = "internal.cattle.io/v1alpha1, Kind=objectSetState";
  const annotated = { ...workload, metadata: { ...workload.metadata, annotations: { note: "x" } } };

  it("are the marks of the original Helm Locker, and leftovers where a takeover gave them to Helm", () => {
    const pointers = [
      "/metadata/annotations/objectset.rio.cattle.io~1owner-gvk",
      "/metadata/labels/objectset.rio.cattle.io~1hash",
    ];
    const added = additions(judging(annotated, marked(original, { manager: "helm-locker" })));
    assert.deepEqual(
      added.map(({ pointer }) => pointer),
      pointers,
    );
    const taken = marked(original, { manager: "helm", operation: "Apply" });
    assert.deepEqual(
      leftovers(judging(annotated, taken)).map(({ pointer }) => pointer),
      pointers,
    );
  });

  it("are not the same marks with another owner", () => {
    const live = marked("fleet.cattle.io/v1alpha1, Kind=Bundle", { manager: "fleetagent" });
    assert.deepEqual(additions(judging(annotated, live)), []);
  });

  const tolerated: Record<string, [more: JsonObject, owners: JsonObject[]]> = {
    "a default, which only Helm owns": [paused, [owned(pausedFields, { manager: "helm" })]],
    "a default from before managers were tracked": [
      paused,
      [owned(pausedFields, { manager: "before-first-apply" })],
    ],
    "what nobody owns": [paused, []],
    "what is owned and gone": [{}, [owned(pausedFields)]],
    "what a controller of the object adds": [
      paused,
      [
        owned(pausedFields, { manager: "operator" }),
        owned({ "f:status": {} }, { manager: "operator", subresource: "status" }),
      ],
    ],
    "what is set through a subresource": [paused, [owned(pausedFields, { subresource: "scale" })]],
    "the status": [{ status: { ok: true } }, [owned({ "f:status": { "f:ok": {} } })]],
    "replicas where the manifest has none": [
      { spec: { replicas: 3 } },
      [owned({ "f:spec": { "f:replicas": {} } })],
    ],
  };
  for (const [what, [more, owners]] of Object.entries(tolerated)) {
    it(`are not ${what}`, () => {
      assert.deepEqual(additions(judging(workload, grown(more, owners))), []);
    });
  }

  const data = { "f:data": { ".": {}, "f:a": {} } };
  const secrets = { "f:secrets": { 'k:{"name":"a"}': { ".": {}, "f:name": {} } } };
  const binary = { "f:binaryData": { "f:b": {} } };
  const leftTo: Record<string, [type: string, wanted: JsonObject, more: JsonObject, fields: JsonObject]> = {
    "data where the manifest has none": ["v1/ConfigMap", {}, { data: { a: "1" } }, data],
    "data where the manifest has it empty": ["v1/Secret", { data: {} }, { data: { a: "1" } }, data],
    "secrets of a ServiceAccount": ["v1/ServiceAccount", {}, { secrets: [{ name: "a" }] }, secrets],
    "secrets of a ServiceAccount that has an empty list": [
      "v1/ServiceAccount",
      { secrets: [] },
      { secrets: [{ name: "a" }] },
      secrets,
    ],
    "a CA bundle": [
      "apiregistration.k8s.io/v1/APIService",
      {},
      { spec: { caBundle: "x" } },
      { "f:spec": { "f:caBundle": {} } },
    ],
  };
  const notLeft: typeof leftTo = {
    "binaryData where the manifest has data": [
      "v1/ConfigMap",
      { data: { a: "1" } },
      { data: { a: "1" }, binaryData: { b: "eA==" } },
      binary,
    ],
    "data of another kind": ["example.com/v1/Widget", {}, { data: { a: "1" } }, data],
    "secrets of another kind": ["example.com/v1/Widget", {}, { secrets: [{ name: "a" }] }, secrets],
    "a caBundle of another kind": [
      "example.com/v1/Widget",
      {},
      { spec: { caBundle: "x" } },
      { "f:spec": { "f:caBundle": {} } },
    ],
  };
  for (const [cases, count] of [
    [leftTo, 0],
    [notLeft, 1],
  ] as const) {
    for (const [what, [type, wanted, more, fields]] of Object.entries(cases)) {
      it(`are ${count === 0 ? "not " : ""}${what}`, () => {
        const slash = type.lastIndexOf("/");
        const object = { apiVersion: type.slice(0, slash), kind: type.slice(slash + 1), ...wanted };
        const live = { ...object, ...more, metadata: { name: "a", managedFields: [owned(fields)] } };
        assert.equal(additions(judging({ ...object, metadata: { name: "a" } }, live)).length, count);
      });
    }
  }

  it("are what is set through the field of a kind without status subresource by who does not write status", () => {
    const operation = { operation: { sync: {} } };
    const fields = { "f:operation": { "f:sync": {} } };
    const controller = owned({ ...fields, "f:status": { "f:ok": {} } }, { manager: "argocd" });
    assert.deepEqual(additions(judging(workload, grown(operation, [controller]))), []);
    const hand = owned(fields, { manager: "argocd" });
    assert.equal(additions(judging(workload, grown(operation, [hand]))).length, 1);
  });

  it("are, where their removal was refused, taken with what Helm holds around them", () => {
    const owners = [
      owned({ "f:strategy": { "f:rolling": {} } }),
      owned({ "f:strategy": { "f:type": {} } }, { manager: "helm" }),
    ];
    const live = grown({ strategy: { type: "Recreate", rolling: 1 } }, owners);
    const pointers = additions(judging(workload, live), true).map(({ pointer }) => pointer);
    assert.deepEqual(pointers, ["/strategy"]);
  });

  it("are not what Helm wrote under its own name, where another program writes the release now", () => {
    const live = grown(paused, [owned(pausedFields, { manager: "helm" })]);
    assert.deepEqual(additions(judging(workload, live, "helm-controller")), []);
  });
});

describe("leftovers", () => {
  const entry = { manager: "helm", operation: "Apply" };
  const cases: Record<string, [owner: JsonObject, pointers: string[]]> = {
    "what Helm's apply entry holds and the manifest has not": [entry, ["/paused"]],
    "nothing of Helm's other entry, which holds defaults": [{ ...entry, operation: "Update" }, []],
    "nothing of others": [{ ...entry, manager: "argocd" }, []],
    "nothing that a subresource wrote": [{ ...entry, subresource: "scale" }, []],
  };
  it("are nothing that somebody owns, too, who may add it: an apply leaves it to them", () => {
    const others = owned(pausedFields, { manager: "operator" });
    const status = owned({ "f:status": {} }, { manager: "operator", subresource: "status" });
    const live = grown(paused, [owned(pausedFields, entry), others, status]);
    assert.deepEqual(leftovers(judging(workload, live)), []);
    const hands = grown(paused, [owned(pausedFields, entry), others]);
    assert.equal(leftovers(judging(workload, hands)).length, 1);
    const left: Left[] = [
      { path: parsePath("/paused"), origin: { is: "chart" }, by: manager => manager === "operator" },
    ];
    assert.deepEqual(leftovers({ ...judging(workload, hands), left }), []);
  });

  for (const [what, [owner, pointers]] of Object.entries(cases)) {
    it(`are ${what}`, () => {
      const live = grown(paused, [owned({ ...pausedFields, "f:template": { "f:containers": {} } }, owner)]);
      const found = leftovers(judging(workload, live));
      assert.deepEqual(
        found.map(({ pointer }) => pointer),
        pointers,
      );
    });
  }
});

describe("gaps", () => {
  const wanted: KubeObject = { ...desired, spec: { ports: [{ port: 80 }] } };
  const udp = 'k:{"port":80,"protocol":"UDP"}';
  const owner = {
    manager: "kubectl",
    operation: "Update",
    fieldsV1: { "f:spec": { "f:ports": { [udp]: { ".": {} } } } },
  };

  function withPorts(...ports: Json[]): KubeObject {
    return { ...wanted, metadata: { ...wanted.metadata, managedFields: [owner] }, spec: { ports } };
  }

  it("are where the key of an item was changed, also one that the desired object leaves to its default", () => {
    const changed = withPorts({ port: 80, protocol: "UDP" });
    assert.deepEqual(gaps(wanted, changed, additions(judging(wanted, changed))), ["/spec/ports"]);
  });

  it("are not where an item was only added", () => {
    const added = withPorts({ port: 80, protocol: "TCP" }, { port: 80, protocol: "UDP" });
    assert.deepEqual(gaps(wanted, added, additions(judging(wanted, added))), []);
  });
});
