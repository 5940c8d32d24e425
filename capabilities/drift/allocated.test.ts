import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Json, JsonObject, KubeObject } from "../kube/object";
import { learnAllocated, learnFromRemoval } from "./known";
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
const known = learnAllocated(undefined, desired, right);

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
  knowsControllers: true,
  isFinished: undefined,
  allowsCreate: false,
};

describe("what the server has allocated", () => {
  it("is set back by what it belongs to, wherever that is in its list now", () => {
    const operation = repair(situation, live);
    assert.ok(operation.do === "patch");
    assert.deepEqual(operation.patch.slice(1), [
      { op: "replace", path: "/spec/ports/1/nodePort", value: 30_001 },
    ]);
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
    assert.ok(operation.do === "patch");
    assert.ok(operation.fields.includes("/spec/ports/0"));
  });
});
