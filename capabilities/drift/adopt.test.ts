import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Json, JsonObject, KubeObject } from "../kube/object";
import { adopt } from "./adopt";
import { leftIn } from "./left";

function adopted(desired: KubeObject, live: KubeObject, isAutoscaled = false): KubeObject {
  return adopt(
    desired,
    live,
    leftIn({ desired, live, manager: "helm", isAutoscaled, knowsControllers: true }),
  );
}

function object(kind: string, fields: JsonObject, managedFields: Json[] = []): KubeObject {
  const apiVersion = `${GROUPS[kind] ?? "example.com"}/v1`;
  return { apiVersion, kind, metadata: { name: "web", managedFields }, ...fields };
}

const GROUPS: Readonly<Record<string, string>> = {
  APIService: "apiregistration.k8s.io",
  ClusterRole: "rbac.authorization.k8s.io",
  CustomResourceDefinition: "apiextensions.k8s.io",
  ValidatingWebhookConfiguration: "admissionregistration.k8s.io",
};

function scaled(manager: string, more: JsonObject = {}): JsonObject {
  const fieldsV1 = { "f:spec": { "f:replicas": {} } };
  return { manager, operation: "Update", subresource: "scale", fieldsV1, ...more };
}

describe("adopt", () => {
  for (const isAutoscaled of [true, false]) {
    it(`${isAutoscaled ? "takes" : "does not take"} replicas that ${isAutoscaled ? "an autoscaler" : "somebody"} has set`, () => {
      const desired = object("Rollout", { spec: { replicas: 1, paused: false } });
      const live = object("Rollout", { spec: { replicas: 5, paused: true } }, [scaled("anybody")]);
      const expected = { replicas: isAutoscaled ? 5 : 1, paused: false };
      assert.deepEqual(adopted(desired, live, isAutoscaled).spec, expected);
    });
  }

  it("does not add replicas that the manifest leaves out", () => {
    const live = object("Rollout", { spec: { replicas: 5 } }, [scaled("keda")]);
    assert.deepEqual(adopted(object("Rollout", { spec: {} }), live).spec, {});
    assert.equal(adopted(object("Rollout", {}), live).spec, undefined);
  });

  it("takes the rules of an aggregated ClusterRole, and of no other", () => {
    const live = object("ClusterRole", { rules: ["gathered"] });
    const aggregated = object("ClusterRole", { aggregationRule: {}, rules: [] });
    assert.deepEqual(adopted(aggregated, live).rules, ["gathered"]);
    assert.deepEqual(adopted(aggregated, object("ClusterRole", {})).rules, undefined);
    assert.deepEqual(adopted(object("ClusterRole", { rules: [] }), live).rules, []);
  });

  const bundles: Record<string, [wanted: Json, live: Json | undefined, adopted: Json]> = {
    "fills in an empty one": ["", "CA", "CA"],
    "fills in a line feed": ["Cg==", "CA", "CA"],
    "keeps the manifest's own": ["MINE", "CA", "MINE"],
    "keeps an empty one that nobody has filled in": ["", undefined, ""],
  };
  for (const [what, [wanted, actual, expected]] of Object.entries(bundles)) {
    it(`a caBundle: ${what}`, () => {
      const hook = (name: string, caBundle: Json | undefined) => ({
        name,
        clientConfig: caBundle === undefined ? {} : { caBundle },
      });
      const kind = "ValidatingWebhookConfiguration";
      const desired = object(kind, { webhooks: [hook("a", wanted), hook("b", "B")] });
      // In another order, as only names tell.
      const live = object(kind, { webhooks: [hook("b", "other"), hook("a", actual)] });
      assert.deepEqual(adopted(desired, live).webhooks, [hook("a", expected), hook("b", "B")]);
    });
  }

  it("takes neither of another group's kind of the same name", () => {
    const foreign = (object: KubeObject): KubeObject => ({ ...object, apiVersion: "example.com/v1" });
    const aggregated = foreign(object("ClusterRole", { aggregationRule: {}, rules: [] }));
    assert.deepEqual(adopted(aggregated, foreign(object("ClusterRole", { rules: ["gathered"] }))).rules, []);
    const service = (caBundle: string) => foreign(object("APIService", { spec: { caBundle } }));
    assert.deepEqual(adopted(service(""), service("CA")).spec, { caBundle: "" });
  });

  it("a caBundle: fills in that of an APIService and of a conversion, and of no other kind", () => {
    const ofService = (caBundle: string) => ({ spec: { caBundle } });
    const ofDefinition = (caBundle: string) => ({
      spec: { conversion: { webhook: { clientConfig: { caBundle } } } },
    });
    const cases = { APIService: ofService, CustomResourceDefinition: ofDefinition };
    for (const [kind, of] of Object.entries(cases)) {
      assert.deepEqual(adopted(object(kind, of("")), object(kind, of("CA"))).spec, of("CA").spec);
      assert.deepEqual(adopted(object("Widget", of("")), object("Widget", of("CA"))).spec, of("").spec);
    }
  });

  it("changes neither the manifest's object nor anything else of it", () => {
    const desired = object("Rollout", { spec: { replicas: 1 }, data: { a: "1" } });
    const before = structuredClone(desired);
    const live = object("Rollout", { spec: { replicas: 5 }, data: { a: "2" } }, [scaled("keda")]);
    assert.deepEqual(adopted(desired, live, true), { ...before, spec: { replicas: 5 } });
    assert.deepEqual(desired, before);
  });

  it("keeps the pull secrets that others add to a ServiceAccount, beside the chart's own", () => {
    const account = (...names: string[]): KubeObject => ({
      apiVersion: "v1",
      kind: "ServiceAccount",
      metadata: { name: "a" },
      imagePullSecrets: names.map(name => ({ name })),
    });
    const names = (object: KubeObject) => object.imagePullSecrets;
    assert.deepEqual(names(adopted(account("mine"), account("theirs"))), names(account("theirs", "mine")));
    assert.deepEqual(names(adopted(account(), account("theirs"))), names(account("theirs")));
  });
});
