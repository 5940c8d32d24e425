import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { KubeObject } from "../kube/object";
import { driftedIn } from "./drifted";
import type { Operation } from "./operation";

function settings(data: Record<string, string>): KubeObject {
  const owned = Object.fromEntries(Object.keys(data).map(key => [`f:${key}`, {}]));
  const managedFields = [{ manager: "hand", operation: "Update", fieldsV1: { "f:data": owned } }];
  return {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: "a", namespace: "shop", managedFields },
    data,
  };
}

const live = settings({ color: "red", size: "large" });
const seen = { live, manager: "helm", withheld: ["/data/size"] };
const apply = { do: "apply", live, payload: live, fields: ["/data/size", "/data/color"] } as const;
const color = { pointer: "/data/color", value: "red" };

describe("driftedIn", () => {
  const all: [what: string, operation: Operation, operations: string, fields: string[]][] = [
    ["an edit", apply, "apply", ["/data/color", "/data/size"]],
    [
      "an addition",
      { do: "remove", live, fields: ["/data/color"], removed: [color] },
      "remove",
      ["/data/color"],
    ],
    [
      "an addition that goes before the rest",
      { do: "remove", live, fields: ["/data/color"], rest: ["/data/size"], removed: [color] },
      "apply",
      ["/data/color", "/data/size"],
    ],
    ["a missing object", { do: "create" }, "create", []],
    ["an object that finalizers hold", { do: "wait", isWatched: true, isHeld: true }, "create", []],
    ["what must not be created", { do: "none", because: { is: "never seen" } }, "create", []],
    ["what is refused", { do: "none", because: { is: "withheld" } }, "apply", ["/data/size"]],
    [
      "what the server keeps",
      { do: "none", because: { is: "kept", fields: ["/data/color"] } },
      "apply",
      ["/data/color"],
    ],
    ["what can't be changed", { do: "none", because: { is: "immutable" } }, "apply", []],
  ];
  for (const [what, operation, expected, fields] of all)
    it(`says where and by whom: ${what}`, () => {
      const drifted = driftedIn(operation, seen);
      assert.deepEqual([drifted?.operation, drifted?.fields], [expected, fields]);
      assert.deepEqual(drifted?.by, fields.length > 0 ? ["hand"] : []);
    });

  const nothing: Operation[] = [
    { do: "none" },
    { do: "observe" },
    { do: "none", because: { is: "finished" } },
    { do: "none", because: { is: "unmarked" } },
    { do: "none", because: { is: "tracked by another", rival: { name: "other", namespace: "shop" } } },
    { do: "wait", isWatched: true, isHeld: false },
    { do: "probe", live, payload: live, doubts: [] },
  ];
  for (const operation of nothing)
    it(`says nothing of ${JSON.stringify(operation).slice(0, 60)}`, () => {
      assert.equal(driftedIn(operation, seen), undefined);
    });

  it("tells another value in the same place apart, and holds no value", () => {
    const other = settings({ color: "green", size: "large" });
    const [one, same, another] = [apply, { ...apply }, { ...apply, live: other }].map(operation =>
      driftedIn(operation, seen),
    );
    assert.deepEqual(one, same);
    assert.notEqual(one?.digest, another?.digest);
    assert.ok(!JSON.stringify(one).includes("red"));
  });
});
