import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { JsonObject, KubeObject } from "../kube/object";
import { foreignIn } from "./foreign";

const containers = [{ name: "web", image: "nginx" }];
const desired: KubeObject = {
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name: "web", labels: { app: "web" }, finalizers: ["example.com/kept"] },
  spec: { replicas: 2, template: { spec: { containers } } },
};

function ownedBy(manager: string, fieldsV1: JsonObject, rest: JsonObject = {}): JsonObject {
  return { manager, operation: "Update", apiVersion: "apps/v1", fieldsV1, ...rest };
}

function count(...managedFields: JsonObject[]): number {
  const live = { ...desired, metadata: { ...desired.metadata, managedFields } };
  return foreignIn(desired, live, "helm").size;
}

const replicas = { "f:spec": { "f:replicas": {} } };
const item = (fields: JsonObject): JsonObject => ({
  "f:spec": { "f:template": { "f:spec": { "f:containers": { 'k:{"name":"web"}': fields } } } },
});

describe("foreignIn", () => {
  it("counts desired fields of others, each once, whoever has them", () => {
    assert.equal(count(ownedBy("a", replicas), ownedBy("b", replicas, { operation: "Apply" })), 1);
    assert.equal(count(ownedBy("a", replicas, { subresource: "scale" })), 1);
    assert.equal(count(ownedBy("a", item({ "f:image": {} })), ownedBy("b", replicas)), 2);
  });

  it("does not count Helm's, nor what the chart does not set", () => {
    assert.equal(count(ownedBy("helm", replicas)), 0);
    assert.equal(count(ownedBy("a", { "f:spec": { "f:paused": {} }, "f:status": { "f:replicas": {} } })), 0);
  });

  it("does not count what can't change: an item as such, its key, a map", () => {
    assert.equal(count(ownedBy("a", item({ ".": {}, "f:name": {} }))), 0);
    assert.equal(count(ownedBy("a", { "f:metadata": { "f:labels": { ".": {} } } })), 0);
    assert.equal(
      count(ownedBy("a", { "f:metadata": { "f:finalizers": { 'v:"example.com/kept"': {} } } })),
      0,
    );
  });
});
