import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { JsonObject, KubeObject } from "../kube/object";
import { isFinished, uncreatable, type Absence } from "./creation";

function object(apiVersion: string, kind: string, more: JsonObject = {}, namespace?: string): KubeObject {
  return {
    apiVersion,
    kind,
    metadata: { name: "a", ...(namespace === undefined ? {} : { namespace }) },
    ...more,
  };
}

const configMap = object("v1", "ConfigMap", {}, "shop");
const job = object("batch/v1", "Job", {}, "shop");
const role = object("rbac.authorization.k8s.io/v1", "Role", {}, "shop");
const clusterWide = object("v1", "Namespace");
const elsewhere = object("v1", "ConfigMap", {}, "warehouse");

function absence(desired: KubeObject, more: Partial<Absence> = {}): Absence {
  const release = { name: "web", namespace: "shop" };
  return { release, desired, wasSeen: false, isFinished: undefined, allowsCreate: false, ...more };
}

describe("uncreatable", () => {
  const cases: Record<string, [absence: Absence, answer: "yes" | "silently not" | "not, and says why"]> = {
    "an object of the release's namespace": [absence(configMap), "yes"],
    "one of another namespace": [absence(elsewhere), "not, and says why"],
    "one of no namespace": [absence(clusterWide), "not, and says why"],
    "one of RBAC": [absence(role), "not, and says why"],
    "one of another namespace that was seen": [absence(elsewhere, { wasSeen: true }), "yes"],
    "one of RBAC that was seen": [absence(role, { wasSeen: true }), "yes"],
    "one of no namespace that a HelmRelease allows": [absence(clusterWide, { allowsCreate: true }), "yes"],
    "a Job that had not ended when last seen": [absence(job, { wasSeen: true, isFinished: false }), "yes"],
    "a Job that had ended": [absence(job, { wasSeen: true, isFinished: true }), "silently not"],
    "a Job that was never seen": [absence(job), "silently not"],
    "a Job that was never seen, though allowed": [absence(job, { allowsCreate: true }), "silently not"],
    "a Pod that had ended": [absence(object("v1", "Pod", {}, "shop"), { isFinished: true }), "silently not"],
    "another group's Job": [absence(object("example.com/v1", "Job", {}, "shop")), "yes"],
  };
  for (const [what, [input, answer]] of Object.entries(cases)) {
    it(`${what}: may be created: ${answer}`, () => {
      const reason = uncreatable(input);
      const expected = { yes: undefined, "silently not": "finished", "not, and says why": "never seen" };
      assert.equal(reason?.is, expected[answer]);
    });
  }
});

describe("isFinished", () => {
  const withCondition = (type: string, status: string) => ({
    status: { conditions: [null, { type, status }] },
  });
  const cases: Record<string, [object: KubeObject, isFinished: boolean]> = {
    "a complete Job": [object("batch/v1", "Job", withCondition("Complete", "True")), true],
    "a failed Job": [object("batch/v1", "Job", withCondition("Failed", "True")), true],
    "a Job about to fail": [object("batch/v1", "Job", withCondition("FailureTarget", "True")), false],
    "a Job that is not complete": [object("batch/v1", "Job", withCondition("Complete", "False")), false],
    "a Job without status": [object("batch/v1", "Job"), false],
    "a Pod that succeeded": [object("v1", "Pod", { status: { phase: "Succeeded" } }), true],
    "a Pod that failed": [object("v1", "Pod", { status: { phase: "Failed" } }), true],
    "a Pod that runs": [object("v1", "Pod", { status: { phase: "Running" } }), false],
    "a claim that says so": [object("v1", "PersistentVolumeClaim", { status: { phase: "Failed" } }), false],
  };
  for (const [what, [input, expected]] of Object.entries(cases)) {
    it(`${expected ? "is" : "is not"} ${what}`, () => {
      assert.equal(isFinished(input), expected);
    });
  }
});
