import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { FieldPath } from "./managed-fields";
import { byName, goesThrough, leadsTo, valuesAt, type Step } from "./path";
import { formatPath, parsePath, parsePointer, PathError } from "./path-text";

describe("parsePath", () => {
  const steps: Record<string, Step[]> = {
    "": [],
    "/spec/replicas": [
      { is: "field", name: "spec" },
      { is: "field", name: "replicas" },
    ],
    "/a~1b~0c": [{ is: "field", name: "a/b~c" }],
    "/*": [{ is: "any" }],
    "/[name=web]": [{ is: "item", key: "name", value: "web" }],
    "/[path=~1x=y]": [{ is: "item", key: "path", value: "/x=y" }],
    "/accounts.*": [{ is: "field", name: "accounts.", isPrefix: true }],
    "/[name=STAKATER_*]": [{ is: "item", key: "name", value: "STAKATER_", isPrefix: true }],
    "/[host=*]": [{ is: "item", key: "host", value: "*" }],
    "/[host=*.example.com]": [{ is: "item", key: "host", value: "*.example.com" }],
  };
  for (const [text, expected] of Object.entries(steps)) {
    it(`reads ${JSON.stringify(text)}`, () => {
      assert.deepEqual(parsePath(text), expected);
    });
  }

  it("refuses what does not begin with a slash", () => {
    for (const parse of [parsePath, parsePointer]) assert.throws(() => parse("spec"), PathError);
  });
});

describe("parsePointer", () => {
  it("takes a star at the end of a name for itself", () => {
    assert.deepEqual(parsePointer("/a~1b*/[name=X_*]/*"), [
      { is: "field", name: "a/b*" },
      { is: "item", key: "name", value: "X_*" },
      { is: "any" },
    ]);
  });
});

describe("byName", () => {
  const object = { list: [{ name: "a" }, { name: "b", args: ["x"] }], map: { 0: "x" } };
  const cases: Record<string, string> = {
    "/list/1": "/list/[name=b]",
    "/list/1/args/0": "/list/[name=b]/args/0",
    "/list/2/args": "/list/2/args",
    "/list/*/args/0": "/list/*/args/0",
    "/map/0": "/map/0",
  };
  for (const [path, expected] of Object.entries(cases)) {
    it(`has ${path} mean ${expected}`, () => {
      assert.deepEqual(byName(parsePointer(path), object), parsePointer(expected));
    });
  }
});

describe("leadsTo and goesThrough", () => {
  const env = (name: string): FieldPath => ["f:env", `k:{"name":"${name}"}`, "f:value"];
  const cases: [path: string, field: FieldPath, leads: boolean, through: boolean][] = [
    ["/env/[name=A]", env("A"), true, false],
    ["/env/[name=A]", env("AB"), false, false],
    ["/env/[name=A*]", env("AB"), true, false],
    ["/env/[name=A*]", env("BA"), false, false],
    ["/env/[name=A*]/value/x", env("AB"), false, true],
    ["/env/*", env("A"), true, false],
    ["/env/[key=A]", env("A"), false, false],
    ["/data/acc*", ["f:data", "f:accounts.a"], true, false],
    ["/data/acc*", ["f:data", "f:other"], false, false],
    ["/data/acc*", ["f:data"], false, true],
    ["/data/acc*", ["f:data", 'v:"acc"'], false, false],
  ];
  for (const [path, field, leads, through] of cases) {
    it(`${path} ${leads ? "leads to" : through ? "goes through" : "does not lead to"} ${field.join(" ")}`, () => {
      assert.equal(leadsTo(parsePath(path), field), leads);
      assert.equal(goesThrough(parsePath(path), field), through);
    });
  }
});

describe("valuesAt", () => {
  const value = { list: [{ name: "a", n: 1 }, { name: "ab", n: 2 }, { name: "b" }], map: { aa: 3, b: 4 } };
  const cases: Record<string, unknown[]> = {
    "": [value],
    "/list/*/n": [1, 2],
    "/list/[name=a]/n": [1],
    "/list/[name=a*]/n": [1, 2],
    "/map/a*": [3],
    "/map/*": [3, 4],
    "/list/1/n": [2],
    "/list/01": [],
    "/map/[name=a]": [],
    "/map/toString": [],
    "/missing/x": [],
  };
  for (const [path, expected] of Object.entries(cases)) {
    it(`finds ${expected.length} at ${JSON.stringify(path)}`, () => {
      assert.deepEqual(valuesAt(value, parsePath(path)), expected);
    });
  }
});

describe("formatPath", () => {
  for (const text of ["", "/spec/replicas", "/a~1b~0c/*", "/list/[name=b]/args/0", "/[path=~1x=y]"]) {
    it(`writes ${JSON.stringify(text)} as it was read`, () => {
      assert.equal(formatPath(parsePointer(text)), text);
    });
  }
});
