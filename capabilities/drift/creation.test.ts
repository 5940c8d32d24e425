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
  return {
    release,
    desired,
    wasSeen: false,
    isFinished: undefined,
    wasRivals: false,
    allowsCreate: false,
    ...more,
  };
}

type Answer =
  | "yes"
  | "silently not"
  | "not, and says why"
  | "not, and says whose it was"
  | "not, as only a policy asks";

describe("uncreatable", () => {
  const cases: Record<string, [absence: Absence, answer: Answer]> = {
    "an object of the release's namespace": [absence(configMap), "yes"],
    "one of another namespace": [absence(elsewhere), "not, and says why"],
    "one of no namespace": [absence(clusterWide), "not, and says why"],
    "one of RBAC": [absence(role), "not, and says why"],
    "one of OpenShift's RBAC": [
      absence(object("authorization.openshift.io/v1", "RoleBindingRestriction", {}, "shop")),
      "not, and says why",
    ],
    "what gives somebody a role in Rancher": [
      absence(object("management.cattle.io/v3", "ProjectRoleTemplateBinding", {}, "shop")),
      "not, and says why",
    ],
    "a role in a cloud": [
      absence(object("iam.services.k8s.aws/v1alpha1", "Role", {}, "shop")),
      "not, and says why",
    ],
    "a kind whose name only holds the word": [
      absence(object("example.com/v1", "RoleModel", {}, "shop")),
      "yes",
    ],
    "one that only a policy's release has": [
      absence(configMap, { isUnnamed: true }),
      "not, as only a policy asks",
    ],
    "one that only a policy's release has, and that was seen": [
      absence(elsewhere, { isUnnamed: true, wasSeen: true }),
      "yes",
    ],
    "one that only a policy's release has, though allowed": [
      absence(clusterWide, { isUnnamed: true, allowsCreate: true }),
      "yes",
    ],
    "one of another namespace that was seen": [absence(elsewhere, { wasSeen: true }), "yes"],
    "one of RBAC that was seen": [absence(role, { wasSeen: true }), "yes"],
    "one of no namespace that a HelmRelease allows": [absence(clusterWide, { allowsCreate: true }), "yes"],
    "a Job that had not ended when last seen": [absence(job, { wasSeen: true, isFinished: false }), "yes"],
    "a Job that had ended": [absence(job, { wasSeen: true, isFinished: true }), "silently not"],
    "a Job that was never seen": [absence(job), "silently not"],
    "a Job that was never seen, though allowed": [absence(job, { allowsCreate: true }), "silently not"],
    "a Pod that had ended": [absence(object("v1", "Pod", {}, "shop"), { isFinished: true }), "silently not"],
    "one that was another release's": [absence(configMap, { wasRivals: true }), "not, and says whose it was"],
    "one that was another release's, though allowed": [
      absence(configMap, { wasRivals: true, allowsCreate: true }),
      "yes",
    ],
    "another group's Job": [absence(object("example.com/v1", "Job", {}, "shop")), "yes"],
    "a custom resource that has run to its end": [
      absence(object("argoproj.io/v1alpha1", "Workflow", {}, "shop"), { wasSeen: true, isFinished: true }),
      "silently not",
    ],
    "one of a kind that runs once, and that was never seen": [
      absence(object("velero.io/v1", "Restore", {}, "shop")),
      "silently not",
    ],
    "a custom resource with a Job's time to live that was never seen": [
      absence(object("example.com/v1", "Task", { spec: { ttlSecondsAfterFinished: 60 } }, "shop")),
      "silently not",
    ],
    "a custom resource whose policy has one": [
      absence(
        object("kubeflow.org/v1", "MPIJob", { spec: { runPolicy: { ttlSecondsAfterFinished: 60 } } }, "shop"),
      ),
      "silently not",
    ],
    "a custom resource with another time to live": [
      absence(object("example.com/v1", "DNSRecord", { spec: { ttl: 300 } }, "shop")),
      "yes",
    ],
    "a template of what runs once": [
      absence(
        object("argoproj.io/v1alpha1", "WorkflowTemplate", { spec: { ttlStrategy: { a: 1 } } }, "shop"),
      ),
      "yes",
    ],
    "a custom resource with a time to live that had not ended": [
      absence(object("velero.io/v1", "Backup", { spec: { ttl: "1h" } }, "shop"), {
        wasSeen: true,
        isFinished: false,
      }),
      "yes",
    ],
  };
  for (const [what, [input, answer]] of Object.entries(cases)) {
    it(`${what}: may be created: ${answer}`, () => {
      const reason = uncreatable(input);
      const expected = {
        yes: undefined,
        "silently not": "finished",
        "not, and says why": "never seen",
        "not, and says whose it was": "gone with another",
        "not, as only a policy asks": "never seen by policy",
      };
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
    "a Workflow with the time of its end": [
      object("argoproj.io/v1alpha1", "Workflow", { status: { finishedAt: "2026-01-01T00:00:00Z" } }),
      true,
    ],
    "a Workflow whose time of its end is null": [
      object("argoproj.io/v1alpha1", "Workflow", { status: { finishedAt: null } }),
      false,
    ],
    "a RayJob with the time of its end": [
      object("ray.io/v1", "RayJob", { status: { endTime: "2026-01-01T00:00:00Z" } }),
      true,
    ],
    "another custom resource with such a time": [
      object("example.com/v1", "Window", { status: { endTime: "2026-01-01T00:00:00Z" } }),
      false,
    ],
    "a custom resource that only says so": [
      object("example.com/v1", "Cluster", { status: { phase: "Failed" } }),
      false,
    ],
    "a claim that says so": [object("v1", "PersistentVolumeClaim", { status: { phase: "Failed" } }), false],
  };
  for (const [what, [input, expected]] of Object.entries(cases)) {
    it(`${expected ? "is" : "is not"} ${what}`, () => {
      assert.equal(isFinished(input), expected);
    });
  }
});
