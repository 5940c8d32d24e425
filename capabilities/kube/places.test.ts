import assert from "node:assert/strict";
import { it } from "node:test";
import { Places } from "./places";

it("finds what is at a place, around it and inside of it, in the order in which it was given", () => {
  const given = ["/a/b/c", "/a", "/a/b", "/a/bc", "", "/x", "/a/b"];
  const places = new Places(given.map(pointer => [pointer, pointer]));
  assert.deepEqual(places.near("/a/b"), ["/a/b/c", "/a", "/a/b", "", "/a/b"]);
  assert.deepEqual(places.near("/a/b/c/d"), ["/a/b/c", "/a", "/a/b", "", "/a/b"]);
  assert.deepEqual(places.near("/y"), [""]);
  assert.deepEqual(places.near(""), given);
});
