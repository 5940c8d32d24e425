import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Json, JsonObject, KubeObject } from "../kube/object";
import { content, differences } from "./differences";

/** An object of any kind, reduced to what the cases compare. */
function holding(spec: Json, metadata: JsonObject = {}): KubeObject {
  return { apiVersion: "example.com/v1", kind: "Example", metadata: { name: "a", ...metadata }, spec };
}

describe("differences", () => {
  const same: [what: string, desired: Json, live: Json][] = [
    [
      "equal values",
      { a: 1, b: "x", c: true, d: null, e: [1, 2] },
      { a: 1, b: "x", c: true, d: null, e: [1, 2] },
    ],
    ["another order of keys", { a: 1, b: 2 }, { b: 2, a: 1 }],
    ["fields that only the live object has", { a: 1 }, { a: 1, b: 2 }],
    ["defaults inside of list items", [{ containerPort: 80 }], [{ containerPort: 80, protocol: "TCP" }]],
    ["defaults inside of named items", [{ name: "a" }], [{ name: "a", imagePullPolicy: "Always" }]],
    ["integers beyond 2^53", { a: 12345678901234567890n }, { a: 12345678901234567890n }],
    ["an empty map where there is more", { emptyDir: {} }, { emptyDir: { medium: "Memory" } }],
    ["an empty list", { a: [] }, { a: [] }],
  ];

  for (const [what, desired, live] of same) {
    it(`finds none in ${what}`, () => {
      assert.deepEqual(differences(holding(desired), holding(live)), new Map());
    });
  }

  const differing: [
    what: string,
    desired: Json,
    live: Json,
    found: [pointer: string, value: Json | undefined][],
  ][] = [
    ["a changed value", { a: 1 }, { a: 2 }, [["/a", 2]]],
    ["a removed value", { a: 1, b: 2 }, { b: 2 }, [["/a", undefined]]],
    ["a value that is now null", { a: 1 }, { a: null }, [["/a", null]]],
    ["a value of another type", { a: "1" }, { a: 1 }, [["/a", 1]]],
    ["a map that is now a list", { a: { b: 1 } }, { a: [1] }, [["/a", [1]]]],
    ["a value deep down", { a: { b: { c: 1 } } }, { a: { b: { c: 2 } } }, [["/a/b/c", 2]]],
    ["a custom resource's quantity written otherwise", { cpu: "1000m" }, { cpu: "1" }, [["/cpu", "1"]]],
    ["an empty map that the server dropped", { a: {} }, {}, [["/a", undefined]]],
    [
      "integers that a double can't tell apart",
      { a: 9007199254740993n },
      { a: 9007199254740992n },
      [["/a", 9007199254740992n]],
    ],
    ["a key that has a slash and a tilde", { "a/b~c": 1 }, {}, [["/a~1b~0c", undefined]]],
    ["a key that every object inherits", { toString: "x" }, {}, [["/toString", undefined]]],
    [
      "two places at once",
      { a: 1, b: { c: 1 } },
      { a: 2, b: {} },
      [
        ["/a", 2],
        ["/b/c", undefined],
      ],
    ],
    ["an item of a list of plain values", ["a", "b"], ["a", "c"], [["/1", "c"]]],
    [
      "another order of plain values",
      ["a", "b"],
      ["b", "a"],
      [
        ["/0", "b"],
        ["/1", "a"],
      ],
    ],
    ["a list that got longer", { args: ["a"] }, { args: ["a", "b"] }, [["/args", ["a", "b"]]]],
    ["a list that got shorter", { args: ["a", "b"] }, { args: ["a"] }, [["/args", ["a"]]]],
    ["a null in a list", { a: [null] }, { a: [1] }, [["/a/0", 1]]],
    ["a field of an unnamed item", [{ port: 80 }], [{ port: 81 }], [["/0/port", 81]]],
    [
      "a field of a named item",
      [
        { name: "a", v: 1 },
        { name: "b", v: 1 },
      ],
      [
        { name: "a", v: 1 },
        { name: "b", v: 2 },
      ],
      [["/1/v", 2]],
    ],
    [
      "a named item too many",
      { c: [{ name: "a" }] },
      { c: [{ name: "a" }, { name: "b" }] },
      [["/c", ["a", "b"]]],
    ],
    ["a named item missing", { c: [{ name: "a" }, { name: "b" }] }, { c: [{ name: "b" }] }, [["/c", ["b"]]]],
    [
      "named items in another order",
      { c: [{ name: "a" }, { name: "b" }] },
      { c: [{ name: "b" }, { name: "a" }] },
      [["/c", ["b", "a"]]],
    ],
    ["a renamed item", { c: [{ name: "a", v: 1 }] }, { c: [{ name: "z", v: 1 }] }, [["/c", ["z"]]]],
    [
      "an item that lost its name",
      { c: [{ name: "a", v: 1 }] },
      { c: [{ v: 1 }] },
      [["/c/0/name", undefined]],
    ],
    [
      "items of one name twice, by position",
      [
        { name: "a", v: 1 },
        { name: "a", v: 2 },
      ],
      [
        { name: "a", v: 1 },
        { name: "a", v: 3 },
      ],
      [["/1/v", 3]],
    ],
    [
      "an item of one name live twice",
      { c: [{ name: "a" }] },
      { c: [{ name: "a" }, { name: "a" }] },
      [["/c", [{ name: "a" }, { name: "a" }]]],
    ],
    [
      "a field of a named item that has moved, by its place in the desired list",
      { c: [{ name: "a", v: 1 }, { name: "b" }] },
      { c: [{ name: "b" }, { name: "a", v: 2 }] },
      [
        ["/c", ["b", "a"]],
        ["/c/0/v", 2],
      ],
    ],
  ];

  for (const [what, desired, live, found] of differing) {
    it(`finds ${what}`, () => {
      const expected = found.map(([pointer, value]) => [`/spec${pointer}`, value] as const);
      assert.deepEqual([...differences(holding(desired), holding(live))], expected);
    });
  }

  it("finds none in what the server normalizes", () => {
    const pod = (container: JsonObject, spec: JsonObject = {}): KubeObject => ({
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name: "a" },
      spec: { ...spec, containers: [{ name: "web", ...container }] },
    });
    const desired = pod({ resources: { limits: { cpu: "2000m" } } }, { hostNetwork: false, tolerations: [] });
    assert.deepEqual(differences(desired, pod({ resources: { limits: { cpu: "2" } } })), new Map());
    assert.deepEqual(
      [...differences(desired, pod({ resources: { limits: { cpu: "3" } } }, { hostNetwork: true }))],
      [
        ["/spec/hostNetwork", true],
        ["/spec/containers/0/resources/limits/cpu", "3"],
      ],
    );
  });

  it("takes what others add to finalizers and owners for no difference, but what is missing", () => {
    const withFinalizers = (...finalizers: string[]) => holding({}, { finalizers });
    assert.deepEqual(differences(withFinalizers("a", "b"), withFinalizers("x", "b", "a")), new Map());
    assert.deepEqual(
      [...differences(withFinalizers("a", "b"), withFinalizers("a", "x"))],
      [["/metadata/finalizers", ["a", "x"]]],
    );
    const owner = { kind: "ConfigMap", name: "o", uid: "u" };
    const owned = (...ownerReferences: Json[]) => holding({}, { ownerReferences });
    assert.deepEqual(differences(owned(owner), owned({ ...owner, uid: "v" }, owner)), new Map());
    assert.equal(differences(owned(owner), owned({ ...owner, uid: "v" })).size, 1);
  });

  it("sees a key named __proto__, set or not", () => {
    const desired = holding(JSON.parse('{"__proto__":{"a":1}}') as Json);
    assert.deepEqual([...differences(desired, holding({})).keys()], ["/spec/__proto__"]);
    assert.deepEqual(differences(desired, desired), new Map());
  });
});

describe("content", () => {
  const stored = (metadata: JsonObject = {}): KubeObject => {
    const own = { uid: "u", resourceVersion: "7", generation: 1, labels: { app: "web" } };
    return { ...holding({}, { ...own, ...metadata }), data: { a: "1" } };
  };
  const object = stored();

  it("does not mind the status and the server's bookkeeping", () => {
    const later = { resourceVersion: "8", generation: 2, managedFields: [{ manager: "helm" }] };
    assert.deepEqual(content(object), content({ ...stored(later), status: { phase: "Active" } }));
  });

  const others: [what: string, other: KubeObject][] = [
    ["its data", { ...object, data: { a: "2" } }],
    ["a label", stored({ labels: {} })],
    ["its uid", stored({ uid: "another" })],
    ["something added", { ...object, immutable: true }],
  ];

  for (const [what, other] of others) {
    it(`minds ${what}`, () => {
      assert.notDeepEqual(content(object), content(other));
    });
  }
});
