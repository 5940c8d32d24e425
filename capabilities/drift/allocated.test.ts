import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Json, JsonObject, KubeObject } from "../kube/object";
import type { Left } from "../kube/path";
import { parsePath } from "../kube/path-text";
import { withoutInvented } from "./allocated";
import { learnAllocated, learnFromRemoval, type Known } from "./known";
import { UNANSWERED, type Situation } from "./operation";
import { repair } from "./repair";

const http = { name: "http", port: 80 };
const admin = { name: "admin", port: 90, protocol: "UDP" };

function service(ports: Json[], metadata: JsonObject = {}): KubeObject {
  const name = { name: "front", namespace: "shop", resourceVersion: "7" };
  return { apiVersion: "v1", kind: "Service", metadata: { ...name, ...metadata }, spec: { ports } };
}

const desired = service([http, admin]);
const right = service([
  { ...http, protocol: "TCP", nodePort: 30_001 },
  { ...admin, nodePort: 30_002 },
]);
const known = learned(undefined, desired, right);

function learned(before: Known | undefined, desired: KubeObject, live: KubeObject, left: Left[] = []): Known {
  return learnAllocated(before, { desired, live, manager: "helm", left });
}

const managedFields = [
  {
    apiVersion: "v1",
    manager: "kubectl-patch",
    operation: "Update",
    fieldsV1: {
      "f:spec": {
        "f:ports": {
          'k:{"port":70,"protocol":"TCP"}': { ".": {}, "f:port": {} },
          'k:{"port":80,"protocol":"TCP"}': { "f:nodePort": {} },
        },
      },
    },
  },
];
/** A port was put before the others, and the nodePort of one of them changed. */
const live = service(
  [
    { name: "extra", port: 70, protocol: "TCP" },
    { ...http, protocol: "TCP", nodePort: 31_000 },
    { ...admin, nodePort: 30_002 },
  ],
  { managedFields },
);

const situation: Situation = {
  ...UNANSWERED,
  release: { name: "web", namespace: "shop" },
  desired,
  observed: { as: "live", at: 0, object: live },
  known,
  isAsked: true,
  isBroughtBack: false,
  manager: "helm",
  isApplicable: true,
  wasSeen: true,
  wasRivals: false,
  knowsControllers: true,
  isFinished: undefined,
  allowsCreate: false,
};

describe("what the server has allocated", () => {
  it("is set back by what it belongs to, wherever that is in its list now", () => {
    const operation = repair(situation, live);
    assert.ok(operation.do === "take over");
    assert.ok(operation.fields.includes("/spec/ports/0/nodePort"));
    const { port, nodePort } = { port: 80, nodePort: 31_000 };
    const changed = service([{ ...http, port, protocol: "TCP", nodePort }, admin], { managedFields });
    const next = repair(situation, changed);
    assert.ok(next.do === "apply");
    assert.deepEqual(next.payload.spec, { ports: [{ ...http, nodePort: 30_001 }, admin] });
  });

  it("is set back where the chart has a zero, which says nothing", () => {
    const zero = service([{ ...http, nodePort: 0 }]);
    const before = learned(undefined, zero, service([{ ...http, nodePort: 30_001 }]));
    const changed = service([{ ...http, nodePort: 31_000 }], { managedFields });
    const operation = repair({ ...situation, desired: zero, known: before }, changed);
    assert.ok(operation.do === "apply");
    assert.deepEqual(operation.payload.spec, { ports: [{ ...http, nodePort: 30_001 }] });
  });

  it("stays where a rule leaves it to others, and goes back to what it was once none does", () => {
    const left: Left[] = [{ path: parsePath("/spec/ports/[name=http]/nodePort"), origin: { is: "chart" } }];
    const changed = service([{ ...http, protocol: "TCP", nodePort: 31_000 }, admin], { managedFields });
    assert.equal(repair({ ...situation, rules: left }, changed).do, "none");
    const next = repair({ ...situation, known: learned(known, desired, changed, left) }, changed);
    assert.ok(next.do === "apply");
    assert.deepEqual(next.fields, ["/spec/ports/0/nodePort"]);
  });

  it("is remembered where the chart has empty values, and not where it has others", () => {
    const made = (spec: JsonObject): KubeObject => ({ ...service([]), spec });
    const live = made({ clusterIP: "10.0.0.7", clusterIPs: ["10.0.0.7"] });
    const places = (wanted: JsonObject) => [...learned(undefined, made(wanted), live).allocated.keys()];
    assert.deepEqual(places({ clusterIP: "" }), places({}));
    assert.deepEqual(places({ clusterIP: "10.0.0.7" }), ['["f:spec","f:clusterIPs"]']);
  });

  it("is nobody's leftover once Helm's entry has it", () => {
    const fieldsV1 = { "f:spec": { "f:ports": { 'k:{"port":80,"protocol":"TCP"}': { "f:nodePort": {} } } } };
    const helm = { manager: "helm", operation: "Apply", apiVersion: "v1", fieldsV1 };
    const back = service(
      [
        { ...http, nodePort: 30_001 },
        { ...admin, nodePort: 30_002 },
      ],
      { managedFields: [helm] },
    );
    assert.deepEqual(repair(situation, back), { do: "none" });
    const asked = repair({ ...situation, known: undefined, isAsked: false }, back);
    assert.ok(asked.do === "probe");
    assert.deepEqual(
      asked.doubts.map(({ pointer, by }) => [pointer, by]),
      [["/spec/ports/0/nodePort", "apply"]],
    );
  });

  it("is no change where somebody has written what it was", () => {
    const owned = service(
      [
        { ...http, nodePort: 30_001 },
        { ...admin, nodePort: 30_002 },
      ],
      { managedFields },
    );
    assert.deepEqual(repair(situation, owned), { do: "none" });
  });

  it("is told once its removal has left it, changed, without an owner", () => {
    const helm = { manager: "helm", operation: "Apply", apiVersion: "v1", fieldsV1: {} };
    const changed = service(
      [
        { ...http, nodePort: 31_000 },
        { ...admin, nodePort: 30_002 },
      ],
      {
        managedFields: [helm],
      },
    );
    const pointer = "/spec/ports/0/nodePort";
    const kept = learnFromRemoval(known, changed, [{ pointer, value: 31_000 }]);
    assert.deepEqual(repair({ ...situation, known: kept }, changed), {
      do: "none",
      because: { is: "kept", fields: [pointer] },
    });
  });

  it("does not keep the rest from going back where setting it back is refused", () => {
    const operation = repair({ ...situation, isRefused: true }, live);
    assert.ok(operation.do === "remove");
    assert.deepEqual(operation.fields, ["/spec/ports/0", "/spec/ports/1/nodePort"]);
  });
});

describe("what a dry run allocates", () => {
  const replied = service([
    { ...http, protocol: "TCP", nodePort: 32_769 },
    { ...admin, nodePort: 30_002 },
  ]);

  it("is nobody's where the object lacks it, and what the object has stays", () => {
    const anew = withoutInvented({ desired, live: service([{ ...admin, nodePort: 30_002 }]) }, replied);
    const ports = [
      { ...http, protocol: "TCP" },
      { ...admin, nodePort: 30_002 },
    ];
    assert.deepEqual(anew, service(ports));
  });

  it("is not asked about where the chart says it", () => {
    const said = service([{ ...http, nodePort: 32_769 }, admin]);
    assert.deepEqual(withoutInvented({ desired: said, live: service([]) }, replied).spec, {
      ports: [
        { ...http, protocol: "TCP", nodePort: 32_769 },
        { name: "admin", port: 90, protocol: "UDP" },
      ],
    });
  });
});
