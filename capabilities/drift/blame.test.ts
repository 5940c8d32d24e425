import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Json, JsonObject } from "../kube/object";
import { authorsOf, changedBy } from "./blame";

const owner = (manager: string, fieldsV1: JsonObject, more: JsonObject = {}): JsonObject => ({
  manager,
  operation: "Update",
  fieldsV1,
  ...more,
});
const dataA = { "f:data": { "f:a": {} } };
const image = { "f:spec": { "f:containers": { 'k:{"name":"app"}': { "f:image": {} } } } };

const live = (managedFields?: Json) => ({
  apiVersion: "v1",
  kind: "Example",
  metadata: { name: "a", ...(managedFields === undefined ? {} : { managedFields }) },
  data: { a: "1", ab: "2" },
  spec: { containers: [{ name: "side" }, { name: "app", image: "x" }], args: ["x"], replicas: 2 },
});

describe("changedBy", () => {
  const cases: [what: string, managedFields: Json | undefined, fields: string[], by: string[]][] = [
    [
      "names who owns the field",
      [owner("helm", {}), owner("kubectl-edit", dataA)],
      ["/data/a"],
      ["kubectl-edit"],
    ],
    ["does not name who changed another field", [owner("argocd", dataA)], ["/data/ab", "/spec/replicas"], []],
    [
      "names nobody where the field was removed",
      [owner("kubectl-edit", { "f:data": { "f:gone": {} } })],
      ["/data/gone"],
      [],
    ],
    ["does not name Helm", [owner("helm", dataA, { operation: "Apply" })], ["/data/a"], []],
    [
      "names a field's several owners, sorted",
      [owner("b", dataA), owner("a", dataA)],
      ["/data/a"],
      ["a", "b"],
    ],
    [
      "names an owner of several fields once",
      [owner("x", { ...dataA, ...image })],
      ["/data/a", "/spec/containers/1/image"],
      ["x"],
    ],
    ["finds a list item by its keys", [owner("x", image)], ["/spec/containers/1/image"], ["x"]],
    [
      "names who owns something in what was changed as a whole",
      [owner("x", image)],
      ["/spec/containers"],
      ["x"],
    ],
    [
      "names who owns all of what was changed in part",
      [owner("x", { "f:spec": { "f:args": {} } })],
      ["/spec/args/0"],
      ["x"],
    ],
    [
      "names who scaled",
      [owner("kubectl", { "f:spec": { "f:replicas": {} } }, { subresource: "scale" })],
      ["/spec/replicas"],
      ["kubectl"],
    ],
    [
      "names who wrote through another API version what nobody owns in this one",
      [
        owner("x", { "f:spec": { "f:size": {} } }, { apiVersion: "v0" }),
        owner("y", dataA, { apiVersion: "v1" }),
      ],
      ["/spec/replicas"],
      ["x"],
    ],
    [
      "does not name a controller of the object for that",
      [
        owner("kubectl-edit", { "f:spec": { "f:size": {} } }, { apiVersion: "v0" }),
        owner("operator", { "f:spec": { "f:assigned": {} } }, { apiVersion: "v0" }),
        owner("operator", { "f:status": {} }, { apiVersion: "v0", subresource: "status" }),
        owner("beside", { "f:spec": { "f:node": {} }, "f:status": {} }, { apiVersion: "v0" }),
      ],
      ["/spec/replicas"],
      ["kubectl-edit"],
    ],
    [
      "does not name them for what is somebody's in this one, or is gone",
      [owner("x", {}, { apiVersion: "v0" }), owner("helm", dataA, { apiVersion: "v1" })],
      ["/data/a", "/data/gone"],
      [],
    ],
    [
      "bears entries that are none, and one without a manager",
      [null, "x", { fieldsV1: dataA }],
      ["/data/a"],
      [],
    ],
    ["bears cleared managedFields", undefined, ["/data/a"], []],
  ];

  for (const [what, managedFields, fields, by] of cases) {
    it(what, () => {
      assert.deepEqual(changedBy(live(managedFields), fields, "helm"), by);
    });
  }

  it("goes by the name that Helm writes this release as", () => {
    const managedFields = [owner("terraform-provider-helm", dataA), owner("helm", dataA)];
    assert.deepEqual(changedBy(live(managedFields), ["/data/a"], "terraform-provider-helm"), ["helm"]);
  });
});

describe("authorsOf", () => {
  it("says when somebody has last written", () => {
    const times = ["2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z", undefined];
    const managedFields = times.map(time => owner("x", dataA, time === undefined ? {} : { time }));
    assert.deepEqual(authorsOf(live(managedFields), ["/data/a"], "helm"), [{ manager: "x", at: times[1] }]);
  });
});
