import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Json, JsonObject } from "./object";
import {
  contains,
  depthIn,
  elementFor,
  find,
  including,
  isWrittenBy,
  leavesOf,
  membersOf,
  ownersOf,
  subset,
  without,
  type FieldPath,
} from "./managed-fields";

const item = 'k:{"name":"a"}';

function object(more: JsonObject = {}, managedFields?: Json) {
  const metadata = { name: "a", ...(managedFields === undefined ? {} : { managedFields }) };
  return { apiVersion: "v1", kind: "Example", metadata, ...more };
}

describe("find", () => {
  const live = object({
    data: { "a/b~c": "1", empty: null },
    items: [{ name: "b" }, { name: "a", v: 1 }],
    ports: [{ port: 53, protocol: "UDP" }, { port: 53 }, { port: 9007199254740993n, protocol: "TCP" }],
    open: [{ port: 80, protocol: "" }],
    words: ["x", "y"],
  });
  const cases: Record<string, [path: FieldPath, found: [pointer: string, value: Json] | undefined]> = {
    "a field": [
      ["f:data", "f:a/b~c"],
      ["/data/a~1b~0c", "1"],
    ],
    "a null": [
      ["f:data", "f:empty"],
      ["/data/empty", null],
    ],
    "an item by its key": [
      ["f:items", item, "f:v"],
      ["/items/1/v", 1],
    ],
    "an item by several keys": [
      ["f:ports", 'k:{"port":53,"protocol":"UDP"}'],
      ["/ports/0", { port: 53, protocol: "UDP" }],
    ],
    "an item whose protocol is the default": [
      ["f:ports", 'k:{"port":53,"protocol":"TCP"}'],
      ["/ports/1", { port: 53 }],
    ],
    "an item whose protocol is empty, for the default": [
      ["f:open", 'k:{"port":80,"protocol":"TCP"}'],
      ["/open/0", { port: 80, protocol: "" }],
    ],
    "an item without a key, which is an empty one": [
      ["f:open", 'k:{"name":""}'],
      ["/open/0", { port: 80, protocol: "" }],
    ],
    "an item by its value": [
      ["f:words", 'v:"y"'],
      ["/words/1", "y"],
    ],
    "an item by its position": [
      ["f:words", "i:0"],
      ["/words/0", "x"],
    ],
    "the whole": [[], ["", live]],
    "nothing at a missing field": [["f:none"], undefined],
    "nothing at a position that is no number": [["f:words", "i:zero"], undefined],
    "nothing at a key that is no JSON": [["f:items", "k:{"], undefined],
    "nothing at a key that every object inherits": [["f:data", "f:toString"], undefined],
    "nothing at a missing item": [["f:items", 'k:{"name":"z"}'], undefined],
    "nothing beyond the end": [["f:words", "i:2"], undefined],
    "nothing in an item of another kind": [["f:words", item], undefined],
    "nothing in a list that is a map": [["f:data", "i:0"], undefined],
    "nothing in a map that is a list": [["f:words", "f:x"], undefined],
  };
  for (const [what, [path, found]] of Object.entries(cases)) {
    it(`finds ${what}`, () => {
      assert.deepEqual(find(live, path), found && { pointer: found[0], value: found[1] });
    });
  }

  it("and elementFor names an item by the keys of another one", () => {
    assert.equal(elementFor({ port: 53 }, 'k:{"port":1,"protocol":""}'), 'k:{"port":53,"protocol":"TCP"}');
    assert.equal(elementFor({ v: 1 }, item), 'k:{"name":""}');
    assert.equal(elementFor("x", 'v:"y"'), 'v:"x"');
    for (const like of ["i:0", item]) assert.equal(elementFor("x", like), undefined);
  });

  it("and depthIn counts how far a path leads", () => {
    assert.equal(depthIn(live, ["f:items", item, "f:none", "f:deeper"]), 2);
    assert.equal(depthIn(live, ["f:items", item, "f:v"]), 3);
    assert.equal(depthIn(live, ["f:none"]), 0);
  });
});

describe("field sets", () => {
  const fields = {
    "f:data": { ".": {}, "f:a": {}, "f:b": {} },
    "f:items": { [item]: { ".": {}, "f:v": {} } },
  };

  it("have leaves, and members that may be the holder of something", () => {
    assert.deepEqual(leavesOf(fields), [
      ["f:data", "f:a"],
      ["f:data", "f:b"],
      ["f:items", item, "f:v"],
    ]);
    assert.deepEqual(leavesOf({ "f:data": { ".": {} } }), [["f:data"]]);
    assert.deepEqual(membersOf(fields).at(0), ["f:data", "."]);
  });

  it("have parts", () => {
    assert.deepEqual(subset(fields, ["f:items", item]), { ".": {}, "f:v": {} });
    assert.deepEqual(subset(fields, ["f:data", "f:a"]), {});
    assert.equal(subset(fields, ["f:data", "f:z"]), undefined);
    assert.equal(subset(fields, ["f:data", "f:a", "f:deeper"]), undefined);
  });

  const removals: Record<string, [path: FieldPath, left: JsonObject]> = {
    "one leaf": [["f:data", "f:a"], { ...fields, "f:data": { ".": {}, "f:b": {} } }],
    "all below a place": [["f:items"], { "f:data": fields["f:data"] }],
    "what is empty then": [["f:items", item], { "f:data": fields["f:data"] }],
    "nothing where there is nothing": [["f:data", "f:z"], fields],
    "nothing without a path": [[], fields],
  };
  for (const [what, [path, left]] of Object.entries(removals)) {
    it(`lose ${what}`, () => {
      assert.deepEqual(without(fields, path), left);
    });
  }

  it("take others in, and change no operand", () => {
    const before = structuredClone(fields);
    const more = including(fields, ["f:data"], { "f:c": {}, "f:a": { ".": {} } });
    assert.deepEqual(more, { ...fields, "f:data": { ".": {}, "f:a": { ".": {} }, "f:b": {}, "f:c": {} } });
    assert.deepEqual(including({}, ["f:x", item], { "f:v": {} }), { "f:x": { [item]: { "f:v": {} } } });
    assert.deepEqual(fields, before);
  });

  it("know which path leads to which", () => {
    assert.ok(contains(["f:data"], ["f:data", "f:a"]));
    assert.ok(contains(["f:data"], ["f:data"]));
    assert.ok(!contains(["f:data", "f:a"], ["f:data"]));
    assert.ok(!contains(["f:data"], ["f:database"]));
  });
});

describe("ownersOf", () => {
  const cases: Record<string, Json | undefined> = {
    "no managers": undefined,
    "managers that are no list": {},
    "entries that are none": [null, "x", 7],
  };
  for (const [what, managedFields] of Object.entries(cases)) {
    it(`reads none from ${what}`, () => {
      assert.deepEqual(ownersOf(object({}, managedFields)), []);
    });
  }

  it("reads an entry, also one that was cleared", () => {
    const entry = {
      manager: "helm",
      operation: "Apply",
      apiVersion: "v1",
      subresource: "",
      fieldsV1: { "f:data": {} },
    };
    const none = {
      manager: "",
      operation: "",
      apiVersion: "",
      subresource: undefined,
      fields: {},
      entry: {},
    };
    const read = { manager: "helm", operation: "Apply", apiVersion: "v1", subresource: undefined };
    assert.deepEqual(ownersOf(object({}, [entry, {}])), [{ ...read, fields: { "f:data": {} }, entry }, none]);
  });
});

describe("isWrittenBy", () => {
  const desired = object({ data: { a: "1" } });
  const cases: Record<string, [owner: JsonObject, isWritten: boolean]> = {
    "Helm has a desired field": [{ fieldsV1: { "f:data": { "f:a": {} } } }, true],
    "Helm has other fields": [{ fieldsV1: { "f:data": { "f:b": {} } } }, false],
    "Helm has a subresource's": [{ fieldsV1: { "f:data": { "f:a": {} } }, subresource: "status" }, false],
    "somebody else has it": [{ fieldsV1: { "f:data": { "f:a": {} } }, manager: "kubectl" }, false],
  };
  for (const [what, [owner, isWritten]] of Object.entries(cases)) {
    it(`${isWritten ? "holds" : "does not hold"} where ${what}`, () => {
      const live = object({}, [{ manager: "helm", operation: "Update", ...owner }]);
      assert.equal(isWrittenBy("helm", desired, live), isWritten);
    });
  }
});
