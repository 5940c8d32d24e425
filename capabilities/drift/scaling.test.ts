import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Json, JsonObject, KubeObject } from "../kube/object";
import { mayBeScaled, mayHaveScaled } from "./scaling";

function object(kind: string, fields: JsonObject, managedFields: Json[] = []): KubeObject {
  return { apiVersion: "example.com/v1", kind, metadata: { name: "web", managedFields }, ...fields };
}

function scaled(manager: string, more: JsonObject = {}): JsonObject {
  const fieldsV1 = { "f:spec": { "f:replicas": {} } };
  return { manager, operation: "Update", subresource: "scale", fieldsV1, ...more };
}

describe("mayBeScaled", () => {
  const owned = { manager: "helm", operation: "Update", fieldsV1: { "f:spec": { "f:replicas": {} } } };
  const cases: Record<string, [wanted: JsonObject, live: JsonObject, owners: JsonObject[], found: boolean]> =
    {
      "other replicas that nobody owns": [
        { replicas: 1 },
        { replicas: 2 },
        [scaled("keda", { fieldsV1: { "f:spec": {} } })],
        true,
      ],
      "other replicas that somebody owns": [{ replicas: 1 }, { replicas: 2 }, [owned], false],
      "other replicas from before anybody was known": [
        { replicas: 1 },
        { replicas: 2 },
        [owned, { ...owned, manager: "before-first-apply" }],
        true,
      ],
      "other replicas that came through the scale subresource, whoever set them": [
        { replicas: 1 },
        { replicas: 2 },
        [scaled("k3s")],
        true,
      ],
      "the desired replicas": [{ replicas: 1 }, { replicas: 1 }, [], false],
      "replicas that the manifest leaves out": [{}, { replicas: 2 }, [], false],
    };
  for (const [what, [wanted, live, owners, found]] of Object.entries(cases)) {
    it(`${found ? "are" : "are not"} ${what}`, () => {
      const desired = object("Rollout", { spec: wanted });
      assert.equal(mayBeScaled(desired, object("Rollout", { spec: live }, owners)), found);
    });
  }
});

describe("mayHaveScaled", () => {
  const target = { apiVersion: "example.com/v2", kind: "Rollout", name: "web" };
  const scaledObject = { apiVersion: "keda.sh/v1alpha1", kind: "ScaledObject", name: "web", uid: "1" };

  function autoscaler(spec: JsonObject, ownerReferences: JsonObject[] = []): KubeObject {
    const metadata = { name: "scaler", ownerReferences };
    return {
      apiVersion: "autoscaling/v2",
      kind: "HorizontalPodAutoscaler",
      metadata,
      spec: { scaleTargetRef: target, ...spec },
    };
  }

  function ofKeda(scaleTargetRef: JsonObject): KubeObject {
    return { ...autoscaler({ scaleTargetRef }), apiVersion: "keda.sh/v1alpha1", kind: "ScaledObject" };
  }

  const cases: Record<string, [scaler: KubeObject, replicas: number, is: boolean]> = {
    "a ScaledObject": [ofKeda(target), 3, true],
    "a ScaledObject of the same": [ofKeda(target), 0, true],
    "a ScaledObject of a Deployment, which needs no kind": [ofKeda({ name: "web" }), 3, false],
    "one that targets the object": [autoscaler({}), 2, true],
    "one of another object": [autoscaler({ scaleTargetRef: { ...target, name: "other" } }), 2, false],
    "one of another kind": [autoscaler({ scaleTargetRef: { ...target, kind: "Deployment" } }), 2, false],
    "one of another group": [autoscaler({ scaleTargetRef: { ...target, apiVersion: "apps/v1" } }), 2, false],
    "one that never goes to zero": [autoscaler({ minReplicas: 1 }), 0, false],
    "one that may go to zero": [autoscaler({ minReplicas: 0 }), 0, true],
    "one of a KEDA ScaledObject, which goes to zero itself": [autoscaler({}, [scaledObject]), 0, true],
  };
  for (const [what, [scaler, replicas, is]] of Object.entries(cases)) {
    it(`${is ? "is" : "is not"} ${what}, at ${replicas}`, () => {
      assert.equal(mayHaveScaled(scaler, object("Rollout", { spec: { replicas } })), is);
    });
  }
});
