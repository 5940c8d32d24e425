import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { leavesOf, ownersOf } from "../kube/managed-fields";
import type { JsonObject, KubeObject } from "../kube/object";
import { exemptionOf } from "../policy/exemption";
import { readRules } from "../policy/ignore-rules";
import { leftIn, type Leaving } from "./left";
import { holdersIn, originOfAddition, originOfField } from "./origins";

const desired: KubeObject = {
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name: "web", annotations: { "keel.sh/policy": "major" } },
  spec: { replicas: 1, template: { spec: { containers: [{ name: "web", image: "nginx:1" }] } } },
};

function owner(manager: string, fields: JsonObject): JsonObject {
  return { manager, operation: "Update", apiVersion: "apps/v1", fieldsV1: { "f:spec": fields } };
}

const image = { "f:template": { "f:spec": { "f:containers": { 'k:{"name":"web"}': { "f:image": {} } } } } };
const IMAGE = "/spec/template/spec/containers/0/image";

function owned(...managedFields: JsonObject[]): KubeObject {
  return { ...desired, metadata: { ...desired.metadata, managedFields } };
}

function situated(live: KubeObject, more: Partial<Leaving> = {}) {
  const base = { desired, live, manager: "helm", isAutoscaled: false, knowsControllers: true };
  return { desired, live, left: leftIn({ ...base, ...more }) };
}

function rules(paths: string[], managedFieldsManagers: string[] = []) {
  return exemptionOf(readRules([{ paths: ["/spec/paused"] }, { paths, managedFieldsManagers }]), desired)
    .left;
}

function originAt(from: ReturnType<typeof situated>, pointer: string) {
  return originOfField(from, pointer, holdersIn(from.desired, from.live).near(pointer));
}

describe("originOfField", () => {
  it("is nobody where a field is locked, whoever has it", () => {
    assert.equal(originAt(situated(owned(owner("hand", image))), IMAGE), undefined);
  });

  it("names the entry of the catalogue, for its controller only", () => {
    const entry = { is: "known controller", entry: "Keel: images" };
    assert.deepEqual(originAt(situated(owned(owner("keel", image))), IMAGE), entry);
    const unknown = situated(owned(owner("keel", image)), { knowsControllers: false });
    assert.equal(originAt(unknown, IMAGE), undefined);
  });

  it("names the rule of a HelmRelease by where it stands, also where nobody owns the field", () => {
    const rule = { is: "rule", field: "spec.driftDetection.ignore[1]" };
    const path = "/spec/template/spec/containers/[name=web]/image";
    assert.deepEqual(originAt(situated(owned(), { rules: rules([path]) }), IMAGE), rule);
    const ofKeel = { rules: rules([], ["keel"]), knowsControllers: false };
    assert.deepEqual(originAt(situated(owned(owner("keel", image)), ofKeel), IMAGE), rule);
    assert.equal(originAt(situated(owned(owner("hand", image)), ofKeel), IMAGE), undefined);
  });

  it("is the autoscaler that sets replicas, and the chart where that sets none", () => {
    const scaled = situated(owned(), { isAutoscaled: true });
    assert.deepEqual(originAt(scaled, "/spec/replicas"), { is: "autoscaler" });
    assert.equal(originAt(situated(owned()), "/spec/replicas"), undefined);
  });
});

it("originOfAddition names who lets stand what somebody has added", () => {
  const live = { ...owned(owner("hand", { "f:paused": {} })), spec: { paused: true } };
  const [hand] = ownersOf(live);
  const [leaf] = leavesOf(hand?.fields ?? {});
  assert.ok(hand && leaf);
  const holder = { owner: hand, leaf };
  assert.equal(originOfAddition(situated(live), holder), undefined);
  assert.deepEqual(originOfAddition(situated(live, { keepsAdditions: true }), holder), { is: "additions" });
  const rule = { is: "rule", field: "spec.driftDetection.ignore[0]" };
  assert.deepEqual(originOfAddition(situated(live, { rules: rules(["/spec/x"]) }), holder), rule);
});

it("holdersIn finds owners of what is around a field, or in it", () => {
  const live = owned(owner("a", image), owner("b", { "f:template": {} }), owner("c", { "f:replicas": {} }));
  const managers = holdersIn(desired, live)
    .near(IMAGE)
    .map(({ owner: { manager } }) => manager);
  assert.deepEqual(managers, ["a", "b"]);
});
