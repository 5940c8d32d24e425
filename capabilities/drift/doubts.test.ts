import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { JsonObject, KubeObject } from "../kube/object";
import { insideLeaves, ofMakers } from "./doubts";

const desired: KubeObject = {
  apiVersion: "policy/v1",
  kind: "PodDisruptionBudget",
  metadata: { name: "web" },
  spec: { selector: { matchLabels: { app: "web" } } },
};

function live(...managedFields: JsonObject[]): KubeObject {
  const spec = { selector: { matchLabels: { app: "web", tier: "none" } } };
  return { ...desired, metadata: { name: "web", uid: "u", resourceVersion: "7", managedFields }, spec };
}

function owned(manager: string, fieldsV1: JsonObject, more: JsonObject = {}): JsonObject {
  return { manager, operation: "Update", apiVersion: "policy/v1", fieldsV1, ...more };
}

const selector = { "f:spec": { "f:selector": {} } };
const status = { "f:status": { "f:conditions": {} } };

describe("what is inside lists and maps that have one owner as a whole", () => {
  const cases: Record<string, [owners: JsonObject[], pointers: string[]]> = {
    "is open where a hand owns them": [[owned("kubectl-edit", selector)], ["/spec/selector"]],
    "is open where a controller of the object does: it writes the status, too": [
      [owned("operator", selector), owned("operator", status, { subresource: "status" })],
      ["/spec/selector"],
    ],
    "is open where a controller does that writes the status beside all else": [
      [owned("operator", { ...selector, ...status })],
      ["/spec/selector"],
    ],
    "is Helm's where only Helm does": [[owned("helm", selector)], []],
  };
  for (const [what, [owners, pointers]] of Object.entries(cases)) {
    it(what, () => {
      const found = insideLeaves({ desired, live: live(...owners), manager: "helm", left: [] });
      assert.deepEqual(
        found.map(({ pointer }) => pointer),
        pointers,
      );
    });
  }
});

describe("ofMakers", () => {
  const spec = { strategy: { type: "Recreate" }, paused: true };
  const made = { "f:spec": { "f:strategy": { "f:type": {} }, "f:paused": {} } };
  const right = { "f:spec": { "f:strategy": { "f:type": {} } } };
  const desired: KubeObject = {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: "web" },
    spec: { strategy: { type: "Recreate" } },
  };
  const addition = { pointer: "/spec/paused", value: true, path: ["f:spec", "f:paused"] };

  const cases: Record<string, [operation: string, byHelm: JsonObject, found: boolean]> = {
    "who alone has what is right": ["Apply", {}, true],
    "who made by an update what Helm has applied, too": ["Update", right, true],
    "not who has applied the same as Helm": ["Apply", right, false],
  };
  for (const [what, [operation, byHelm, found]] of Object.entries(cases)) {
    it(`is ${what}`, () => {
      const managedFields = [
        owned("older", made, { operation }),
        owned("helm", byHelm, { operation: "Apply" }),
      ];
      const live = { ...desired, metadata: { name: "web", managedFields }, spec };
      const judging = { desired, live, manager: "helm", left: [] };
      assert.deepEqual(ofMakers(judging, [addition]), found ? [addition] : []);
    });
  }
});
