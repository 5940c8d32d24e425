import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { JsonObject, KubeObject } from "../kube/object";
import { readYaml } from "../release/yaml/yaml";
import { withOwnership } from "../release/ownership";
import { judge } from "./judge";
import { learnFromApply } from "./known";

const release = { name: "web", namespace: "shop" };

const desired = withOwnership(
  {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: "a", namespace: "shop" },
    data: readYaml("{ color: blue, size: '9' }"),
  },
  release,
);

const ownedBy = (manager: string, ...keys: string[]): JsonObject => ({
  manager,
  operation: "Update",
  fieldsV1: { "f:data": Object.fromEntries(keys.map(key => [`f:${key}`, {}])) },
});

/** The API server's object after somebody changed it. */
function live(data: JsonObject, ...managedFields: JsonObject[]): KubeObject {
  const metadata = { ...desired.metadata, uid: "u", resourceVersion: "7", managedFields };
  return { ...desired, metadata, data };
}

/** Needs no store, no queue and no watches. */
describe("judge", () => {
  const right = live({ color: "blue", size: "9" }, ownedBy("helm", "color", "size"));
  const known = learnFromApply(undefined, { desired, live: right, manager: "helm", left: [] });
  const about = { release, desired, manager: "helm", known };

  it("tells what differs, who wrote it and what would be done", () => {
    const changed = live(
      { color: "red", size: "9", mood: "good" },
      ownedBy("helm", "size"),
      ownedBy("kubectl-edit", "color"),
      ownedBy("Mozilla", "mood"),
    );
    const { operation, fields } = judge({ ...about, live: changed });
    assert.equal(operation.do, "take over");
    assert.deepEqual(fields, [
      { pointer: "/data/color", by: ["kubectl-edit"] },
      { pointer: "/data/mood", by: ["Mozilla"] },
    ]);
  });

  it("finds nothing in what is right", () => {
    const right = live({ color: "blue", size: "9" }, ownedBy("helm", "color", "size"));
    assert.deepEqual(judge({ ...about, live: right }), { operation: { do: "none" }, fields: [] });
  });

  it("would make what is missing", () => {
    assert.deepEqual(judge({ ...about, live: undefined }), { operation: { do: "create" }, fields: [] });
  });

  it("asks for a dry run before it believes a difference that was never verified", () => {
    const { operation } = judge({
      release,
      desired,
      manager: "helm",
      live: live({ color: "red", size: "9" }),
    });
    assert.equal(operation.do, "probe");
  });
});
