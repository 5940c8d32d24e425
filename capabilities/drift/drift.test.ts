import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { JsonObject, KubeObject } from "../kube/object";
import type { Judging } from "./additions";
import { driftOf } from "./drift";
import { learnRight } from "./known";

/** An object as its chart has it, and with what the server has made of it. */
function judging(kind: string, managedFields: JsonObject[] = []): Judging {
  const metadata = { name: "web" };
  const desired: KubeObject = { apiVersion: "batch/v1", kind, metadata, spec: { limit: 1 } };
  const spec = { limit: 1, selector: { matchLabels: { id: "u" } } };
  return {
    desired,
    live: { ...desired, metadata: { ...metadata, managedFields }, spec },
    manager: "helm",
    left: [],
  };
}

describe("what the server had made before a hand applied the whole object", () => {
  const fieldsV1 = { "f:spec": { "f:limit": {}, "f:selector": { "f:matchLabels": { "f:id": {} } } } };
  const hand = { manager: "kubectl", operation: "Apply", apiVersion: "batch/v1", fieldsV1 };
  const found = (kind: string) => driftOf(judging(kind, [hand]), learnRight(undefined, judging(kind)), false);

  it("is no drift", () => {
    const { added, ofMaker, doubts, changed } = found("Widget");
    assert.deepEqual([added, ofMaker, doubts, changed], [[], [], [], []]);
  });

  it("may be taken from the hand, for it comes back", () => {
    assert.deepEqual(
      found("Widget").servers.map(({ pointer }) => pointer),
      ["/spec/selector"],
    );
  });

  it("stays the hand's where it would not come back", () => {
    assert.deepEqual(found("Job").servers, []);
  });
});
