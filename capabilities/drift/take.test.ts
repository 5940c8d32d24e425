import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Json, KubeObject } from "../kube/object";
import { parsePath } from "../kube/path-text";
import { take } from "./take";

function object(spec: Json): KubeObject {
  return { apiVersion: "example.com/v1", kind: "Widget", metadata: { name: "web" }, spec };
}

function taken(desired: Json, live: Json, path: string, isWhole = false): Json | undefined {
  return take(object(desired), object(live), parsePath(`/spec${path}`), { isWhole, mayReplace: () => true })
    .spec;
}

const named = (...names: string[]): Json => names.map(name => ({ name }));

describe("take", () => {
  it("takes the fields that begin as a path says, and of others none", () => {
    const live = { "a.x": 9, "a.y": 9, b: 9 };
    assert.deepEqual(taken({ "a.x": 1, b: 1 }, live, "/a.*"), { "a.x": 9, b: 1 });
  });

  it("takes what the desired object lacks only inside what has one owner as a whole", () => {
    const live = { "a.x": 9, "a.y": 9, b: 9 };
    assert.deepEqual(taken({ b: 1 }, live, "/a.*", true), { "a.x": 9, "a.y": 9, b: 1 });
  });

  it("takes them with what holds them, where the desired object lacks that, and nothing beside them", () => {
    const live = { holder: { "a.x": 9, b: 9 }, list: [{ name: "X_1" }, { name: "Y" }] };
    assert.deepEqual(taken({ b: 1 }, live, "/holder/a.x", true), { holder: { "a.x": 9 }, b: 1 });
    assert.deepEqual(taken({ b: 1 }, live, "/list/[name=X_*]", true), { list: [{ name: "X_1" }], b: 1 });
    for (const path of ["/holder/c", "/absent/a.x", "/list/[name=Z]"])
      assert.deepEqual(taken({ b: 1 }, live, path, true), { b: 1 });
    assert.deepEqual(taken({ b: 1 }, live, "/holder/a.x"), { b: 1 });
  });

  const lists: [what: string, desired: Json, live: Json, path: string, expected: Json][] = [
    ["at the end", named("web"), named("web", "X_1"), "/[name=X_*]", named("web", "X_1")],
    ["at the front", named("web"), named("X_1", "web"), "/[name=X_*]", named("X_1", "web")],
    [
      "in between, in their order",
      named("a", "b"),
      named("a", "X_1", "b", "X_2"),
      "/[name=X_*]",
      named("a", "X_1", "b", "X_2"),
    ],
    ["of one name", named("web"), named("web", "proxy"), "/[name=proxy]", named("web", "proxy")],
    ["and no others", named("web"), named("web", "Y_1", "X_1"), "/[name=X_*]", named("web", "X_1")],
    ["and none that are there already", named("X_1"), named("X_1"), "/[name=X_*]", named("X_1")],
  ];
  for (const [where, desired, live, path, expected] of lists) {
    it(`takes the items that a path names ${where}`, () => {
      assert.deepEqual(taken(desired, live, path), expected);
    });
  }

  it("takes what is inside an item of each item that a path names, and no item for it", () => {
    const desired = [
      { name: "X_1", size: 1 },
      { name: "a", size: 1 },
    ];
    const live = [
      { name: "a", size: 9 },
      { name: "X_1", size: 9 },
      { name: "X_2", size: 9 },
    ];
    const expected = [
      { name: "X_1", size: 9 },
      { name: "a", size: 1 },
    ];
    assert.deepEqual(taken(desired, live, "/[name=X_*]/size"), expected);
  });
});
