import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Json, JsonObject, KubeObject } from "../kube/object";
import { ignoredIn } from "./ignored";
import { UNANSWERED, type Situation } from "./operation";

const RESTARTED = "kubectl.kubernetes.io/restartedAt";
const template = { metadata: { annotations: { [RESTARTED]: "2026-01-01T00:00:00Z" } } };
const revised = { "deployment.kubernetes.io/revision": "1" };

function deployment(spec: JsonObject, annotations: JsonObject = {}, managedFields: Json[] = []): KubeObject {
  const metadata = { name: "web", namespace: "shop", annotations, managedFields };
  return { apiVersion: "apps/v1", kind: "Deployment", metadata, spec };
}

const restarted = {
  manager: "kubectl-rollout",
  operation: "Update",
  apiVersion: "apps/v1",
  fieldsV1: {
    "f:spec": { "f:template": { "f:metadata": { "f:annotations": { ".": {}, [`f:${RESTARTED}`]: {} } } } },
  },
};

function about(desired: KubeObject, live: KubeObject): Situation {
  return {
    ...UNANSWERED,
    release: { name: "web", namespace: "shop" },
    desired,
    observed: { as: "live", at: 0, object: live },
    known: undefined,
    isBroughtBack: false,
    manager: "helm",
    isApplicable: true,
    wasSeen: true,
    wasRivals: false,
    knowsControllers: true,
    isFinished: undefined,
    allowsCreate: false,
  };
}

describe("ignoredIn", () => {
  const cases: Record<string, [wanted: KubeObject, live: KubeObject, fields: string[]]> = {
    "nothing of an object that is as desired": [deployment({}), deployment({}), []],
    "what a known controller has added": [
      deployment({ template: {} }),
      deployment({ template }, {}, [restarted]),
      ["/spec/template/metadata"],
    ],
    "what it has changed": [
      deployment({}, revised),
      deployment({}, { "deployment.kubernetes.io/revision": "2" }),
      ["/metadata/annotations/deployment.kubernetes.io~1revision"],
    ],
    "not what the chart leaves to others anyway": [deployment({}), deployment({ replicas: 3 }), []],
    "not what goes back": [deployment({ paused: true }), deployment({ paused: false }), []],
  };
  for (const [what, [desired, live, fields]] of Object.entries(cases)) {
    it(`finds ${what}`, () => {
      assert.deepEqual(ignoredIn(about(desired, live), live), fields);
    });
  }

  it("finds nothing of a kind that no entry is about", () => {
    const live: KubeObject = {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name: "a" },
      data: { a: "2" },
    };
    assert.deepEqual(ignoredIn(about({ ...live, data: { a: "1" } }, live), live), []);
  });
});
