import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Json, JsonObject, KubeObject } from "../kube/object";
import { adopt, hasUnownedReplicas, mayHaveScaled } from "./adopt";

function object(kind: string, fields: JsonObject, managedFields: Json[] = []): KubeObject {
  return { apiVersion: "example.com/v1", kind, metadata: { name: "web", managedFields }, ...fields };
}

function scaled(manager: string, more: JsonObject = {}): JsonObject {
  const fieldsV1 = { "f:spec": { "f:replicas": {} } };
  return { manager, operation: "Update", subresource: "scale", fieldsV1, ...more };
}

const status = (manager: string) => ({ manager, operation: "Update", subresource: "status", fieldsV1: {} });

describe("adopt", () => {
  const replicas: Record<string, [owners: JsonObject[], isAdopted: boolean]> = {
    "the HorizontalPodAutoscaler's controller": [[scaled("kube-controller-manager")], true],
    "KEDA's operator": [[scaled("keda")], true],
    "a controller of the object": [[scaled("k3s"), status("k3s")], true],
    "kubectl scale": [[scaled("kubectl")], false],
    "kubectl scale, which has written the status, too": [[scaled("kubectl"), status("kubectl")], false],
    "another program": [[scaled("k9s")], false],
    "an autoscaler's controller, but not through the subresource": [
      [scaled("kube-controller-manager", { subresource: "" })],
      false,
    ],
    "an autoscaler that scales no more": [[scaled("keda", { fieldsV1: { "f:spec": {} } })], false],
    nobody: [[], false],
  };
  for (const [who, [owners, isAdopted]] of Object.entries(replicas)) {
    it(`${isAdopted ? "takes" : "does not take"} the replicas that were set by ${who}`, () => {
      const desired = object("Rollout", { spec: { replicas: 1, paused: false } });
      const live = object("Rollout", { spec: { replicas: 5, paused: true } }, owners);
      assert.deepEqual(adopt(desired, live).spec, { replicas: isAdopted ? 5 : 1, paused: false });
    });
  }

  it("does not add replicas that the manifest leaves out", () => {
    const live = object("Rollout", { spec: { replicas: 5 } }, [scaled("keda")]);
    assert.deepEqual(adopt(object("Rollout", { spec: {} }), live).spec, {});
    assert.equal(adopt(object("Rollout", {}), live).spec, undefined);
  });

  it("takes the rules of an aggregated ClusterRole, and of no other", () => {
    const live = object("ClusterRole", { rules: ["gathered"] });
    const aggregated = object("ClusterRole", { aggregationRule: {}, rules: [] });
    assert.deepEqual(adopt(aggregated, live).rules, ["gathered"]);
    assert.deepEqual(adopt(aggregated, object("ClusterRole", {})).rules, []);
    assert.deepEqual(adopt(object("ClusterRole", { rules: [] }), live).rules, []);
  });

  const bundles: Record<string, [wanted: Json, live: Json | undefined, adopted: Json]> = {
    "fills in an empty one": ["", "CA", "CA"],
    "fills in a line feed": ["Cg==", "CA", "CA"],
    "keeps the manifest's own": ["MINE", "CA", "MINE"],
    "keeps an empty one that nobody has filled in": ["", undefined, ""],
  };
  for (const [what, [wanted, actual, adopted]] of Object.entries(bundles)) {
    it(`a caBundle: ${what}`, () => {
      const hook = (name: string, caBundle: Json | undefined) => ({
        name,
        clientConfig: caBundle === undefined ? {} : { caBundle },
      });
      const kind = "ValidatingWebhookConfiguration";
      const desired = object(kind, { webhooks: [hook("a", wanted), hook("b", "B")] });
      // In another order, because only names identify the items.
      const live = object(kind, { webhooks: [hook("b", "other"), hook("a", actual)] });
      assert.deepEqual(adopt(desired, live).webhooks, [hook("a", adopted), hook("b", "B")]);
    });
  }

  it("a caBundle: fills in that of an APIService and of a conversion, and of no other kind", () => {
    const live = { spec: { caBundle: "CA", conversion: { webhook: { clientConfig: { caBundle: "CA" } } } } };
    const wanted = { spec: { caBundle: "", conversion: { webhook: { clientConfig: { caBundle: "" } } } } };
    for (const kind of ["APIService", "CustomResourceDefinition"])
      assert.deepEqual(adopt(object(kind, wanted), object(kind, live)).spec, live.spec);
    assert.deepEqual(adopt(object("Widget", wanted), object("Widget", live)).spec, wanted.spec);
  });

  it("changes neither the manifest's object nor anything else of it", () => {
    const desired = object("Rollout", { spec: { replicas: 1 }, data: { a: "1" } });
    const before = structuredClone(desired);
    const live = object("Rollout", { spec: { replicas: 5 }, data: { a: "2" } }, [scaled("keda")]);
    assert.deepEqual(adopt(desired, live), { ...before, spec: { replicas: 5 } });
    assert.deepEqual(desired, before);
  });
});

describe("hasUnownedReplicas", () => {
  const owned = { manager: "helm", operation: "Update", fieldsV1: { "f:spec": { "f:replicas": {} } } };
  const cases: Record<string, [wanted: JsonObject, live: JsonObject, owners: JsonObject[], found: boolean]> =
    {
      "other replicas that nobody owns": [{ replicas: 1 }, { replicas: 2 }, [status("helm")], true],
      "other replicas that somebody owns": [{ replicas: 1 }, { replicas: 2 }, [owned], false],
      "the desired replicas": [{ replicas: 1 }, { replicas: 1 }, [], false],
      "replicas that the manifest leaves out": [{}, { replicas: 2 }, [], false],
    };
  for (const [what, [wanted, live, owners, found]] of Object.entries(cases)) {
    it(`${found ? "are" : "are not"} ${what}`, () => {
      const desired = object("Rollout", { spec: wanted });
      assert.equal(hasUnownedReplicas(desired, object("Rollout", { spec: live }, owners)), found);
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

  const cases: Record<string, [scaler: KubeObject, replicas: number, is: boolean]> = {
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
