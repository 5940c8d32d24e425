import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { JsonObject, KubeObject } from "../kube/object";
import { outermost, put, putFrom } from "./put";

function tool(spec: JsonObject): KubeObject {
  return { apiVersion: "tools.example.com/v1", kind: "Tool", metadata: { name: "hammer" }, spec };
}

it("put sets a value in maps and lists, and changes nothing", () => {
  const before = tool({ steps: [{ name: "a" }, { name: "b" }] });
  const copy = structuredClone(before);
  assert.deepEqual(
    put(before, "/spec/steps/1/a~1b", 7),
    tool({ steps: [{ name: "a" }, { name: "b", "a/b": 7 }] }),
  );
  assert.deepEqual(before, copy);
});

describe("putFrom", () => {
  const from = tool({ steps: [{ name: "a", retry: { limit: 3, pause: "1s" } }], size: "small" });

  it("puts what another object has", () => {
    assert.deepEqual(putFrom(tool({ size: "big" }), from, ["/spec/size"]), tool({ size: "small" }));
  });

  it("puts the outermost place that the object lacks", () => {
    const wanted = tool({ steps: [{ name: "a" }] });
    const retry = { limit: 3, pause: "1s" };
    assert.deepEqual(
      putFrom(wanted, from, ["/spec/steps/0/retry/limit"]),
      tool({ steps: [{ name: "a", retry }] }),
    );
  });
});

it("outermost leaves out what is in another place, or twice there", () => {
  const places = ["/spec/a/b", "/spec/a", "/spec/ab", "/spec/a", "/spec/c/0/d"].map(pointer => ({ pointer }));
  assert.deepEqual(
    outermost(places).map(({ pointer }) => pointer),
    ["/spec/a", "/spec/ab", "/spec/c/0/d"],
  );
});
