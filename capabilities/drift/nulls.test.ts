import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { JsonObject, KubeObject } from "../kube/object";
import { driftOf } from "./drift";
import { mend } from "./mend";

function pump(spec: JsonObject, ...managedFields: JsonObject[]): KubeObject {
  const metadata = { name: "well", namespace: "shop", resourceVersion: "7" };
  const owned = managedFields.length === 0 ? metadata : { ...metadata, managedFields };
  return { apiVersion: "pumps.example.com/v1", kind: "Pump", metadata: owned, spec };
}

const owns = (manager: string, spec: JsonObject): JsonObject => ({
  manager,
  operation: "Update",
  fieldsV1: { "f:spec": spec },
});

const desired = pump({ limits: null, unit: "bar" });
const hand = owns("kubectl-patch", { "f:limits": { "f:flow": {} } });
const controller = owns("pump", { "f:limits": { "f:depth": {} } });
const ofController = { ...owns("pump", {}), subresource: "status" };

const driftIn = (live: KubeObject) => driftOf({ desired, live, manager: "helm", left: [] }, undefined, false);

describe("a map that the chart has as null", () => {
  it("is null again where a hand has filled it, not an empty map", () => {
    const { changed, added } = driftIn(pump({ limits: { flow: 9 }, unit: "bar" }, hand));
    assert.deepEqual(changed, ["/spec/limits"]);
    assert.deepEqual(
      added.map(({ pointer }) => pointer),
      ["/spec/limits/flow"],
    );
  });

  it("keeps what a controller has beside it", () => {
    const live = pump({ limits: { flow: 9, depth: 3 }, unit: "bar" }, hand, controller, ofController);
    assert.deepEqual(driftIn(live).changed, []);
  });

  it("is null again field by field, too", () => {
    const live = pump({ limits: { flow: 9 }, unit: "bar" });
    const patch = mend(desired, live, {
      gone: ["/spec/limits/flow"],
      emptied: ["/spec/limits"],
      isWhole: false,
    });
    assert.deepEqual(patch.slice(1), [{ op: "replace", path: "/spec/limits", value: null }]);
  });

  it("loses only what has to go, field by field", () => {
    const live = pump({ limits: { flow: 9, depth: 3 }, unit: "bar" });
    const patch = mend(desired, live, { gone: ["/spec/limits/flow"], emptied: [], isWhole: false });
    assert.deepEqual(patch.slice(1), [{ op: "remove", path: "/spec/limits/flow" }]);
  });
});
