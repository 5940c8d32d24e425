import assert from "node:assert/strict";
import { it } from "node:test";
import type { JsonObject } from "../kube/object";
import { setting } from "./setting";

it("sets what is desired, and takes away what is null, but for a null that is there, and what is inside lists", () => {
  const widget = (fields: JsonObject) => ({
    apiVersion: "tools.example.com/v1",
    kind: "Widget",
    metadata: { name: "web" },
    ...fields,
  });
  const list = [{ weight: null }];
  const live = widget({ top: null, struct: { weight: null, size: 1, more: 2 }, gone: null, "a/b": {} });
  const desired = widget({
    top: null,
    struct: { weight: null, size: null, list },
    other: null,
    "a/b": { c: 3 },
    new: { size: 1 },
  });
  assert.deepEqual(setting(desired, live).slice(3), [
    { op: "remove", path: "/struct/size" },
    { op: "add", path: "/struct/list", value: list },
    { op: "add", path: "/a~1b/c", value: 3 },
    { op: "add", path: "/new", value: { size: 1 } },
  ]);
});
