import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { globbed, nearest } from "./names";

describe("globbed", () => {
  it("takes * for any text, and everything else for itself", () => {
    const names = ["prod-eu", "prod-us", "dev", "prod"];
    assert.deepEqual(names.filter(globbed("prod-*")), ["prod-eu", "prod-us"]);
    assert.deepEqual(names.filter(globbed("*")), names);
    assert.deepEqual(names.filter(globbed("pro.")), []);
  });
});

describe("nearest", () => {
  it("suggests a name that few letters make another one", () => {
    assert.equal(nearest("shpo", ["web", "shop"]), '; did you mean "shop"?');
  });

  it("suggests nothing where none is near", () => {
    assert.equal(nearest("a", ["web"]), "");
    assert.equal(nearest("foo", ["no"]), "");
    assert.equal(nearest("shop", []), "");
  });
});
