import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Json, JsonObject, KubeObject } from "../kube/object";
import type { Addition } from "./additions";
import { removal, takeover } from "./takeover";

const guard = { op: "test", path: "/metadata/resourceVersion", value: "7" };

function live(...managedFields: Json[]): KubeObject {
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name: "web", resourceVersion: "7", managedFields },
  };
}

function addition(pointer: string, ...path: string[]): Addition {
  return { pointer, path, value: null };
}

describe("removal", () => {
  it("removes from the back, list items by number, and only from the object as it was seen", () => {
    const pointers = ["/ports/2", "/ports/10", "/ports/9/name", "/a"];
    const patch = removal(
      live(),
      pointers.map(pointer => ({ pointer })),
    );
    const paths = ["/ports/10", "/ports/9/name", "/ports/2", "/a"];
    assert.deepEqual(patch, [guard, ...paths.map(path => ({ op: "remove", path }))]);
  });
});

describe("takeover", () => {
  const port = 'k:{"port":81,"protocol":"TCP"}';
  const ports = { [port]: { ".": {}, "f:port": {} } };
  const added = [addition("/spec/ports/0", "f:spec", "f:ports", port)];
  const kubectl = {
    manager: "kubectl-edit",
    operation: "Update",
    time: "t",
    fieldsV1: { "f:spec": { "f:ports": ports } },
  };
  const helm = {
    manager: "helm",
    operation: "Apply",
    apiVersion: "v1",
    time: "t",
    fieldsV1: { "f:spec": { "f:type": {} } },
  };
  const both = { "f:spec": { "f:type": {}, "f:ports": ports } };
  const fresh = { apiVersion: "v1", fieldsType: "FieldsV1", manager: "helm", operation: "Apply" };

  const cases: Record<string, [before: JsonObject[], after: JsonObject[]]> = {
    "moves the paths into Helm's entry": [[helm, kubectl], [{ ...fresh, ...helm, fieldsV1: both }]],
    "makes an entry where Helm has none": [
      [kubectl],
      [{ ...fresh, fieldsV1: { "f:spec": { "f:ports": ports } } }],
    ],
    "leaves Helm's client-side entry as it is": [
      [{ ...helm, operation: "Update" }, kubectl],
      [
        { ...helm, operation: "Update" },
        { ...fresh, fieldsV1: { "f:spec": { "f:ports": ports } } },
      ],
    ],
    "splits an entry that holds more": [
      [
        helm,
        { ...kubectl, fieldsV1: { "f:metadata": { "f:finalizers": {} }, "f:spec": { "f:ports": ports } } },
      ],
      [
        { ...fresh, ...helm, fieldsV1: both },
        { ...kubectl, fieldsV1: { "f:metadata": { "f:finalizers": {} } } },
      ],
    ],
    "takes from everybody who has a part of it": [
      [helm, kubectl, { ...kubectl, manager: "argocd", operation: "Apply" }],
      [{ ...fresh, ...helm, fieldsV1: both }],
    ],
    "takes nothing from a subresource's entry": [
      [helm, kubectl, { ...kubectl, subresource: "scale" }],
      [
        { ...fresh, ...helm, fieldsV1: both },
        { ...kubectl, subresource: "scale" },
      ],
    ],
    "takes nothing from a controller of the object": [
      [
        helm,
        { ...kubectl, manager: "operator" },
        { manager: "operator", operation: "Update", subresource: "status" },
      ],
      [
        { ...fresh, ...helm },
        { ...kubectl, manager: "operator" },
        { manager: "operator", operation: "Update", subresource: "status" },
      ],
    ],
  };
  for (const [what, [before, after]] of Object.entries(cases)) {
    it(what, () => {
      const patch = takeover(live(...before), added, "helm");
      assert.deepEqual(patch, [guard, { op: "replace", path: "/metadata/managedFields", value: after }]);
    });
  }
});
