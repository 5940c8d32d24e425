import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { JsonObject, KubeObject } from "../kube/object";
import { NOTHING_KNOWN } from "./known";
import { UNANSWERED, type Situation } from "./operation";
import { repair } from "./repair";

const secrets = [{ name: "a" }, { name: "b" }];

function account(fields: Partial<KubeObject>): KubeObject {
  const metadata = { name: "runner", namespace: "shop", resourceVersion: "7" };
  return { apiVersion: "v1", kind: "ServiceAccount", metadata, secrets, ...fields };
}

const desired = account({ automountServiceAccountToken: false });
const torn = account({ automountServiceAccountToken: true, secrets: [{}, { name: "b" }] });

function about(live: KubeObject, change: Partial<Situation>): Situation {
  return {
    ...UNANSWERED,
    release: { name: "web", namespace: "shop" },
    desired,
    observed: { as: "live", at: 0, object: live },
    known: NOTHING_KNOWN,
    isRefused: true,
    isBroughtBack: false,
    manager: "helm",
    isApplicable: true,
    wasSeen: true,
    wasRivals: false,
    knowsControllers: true,
    isFinished: undefined,
    allowsCreate: false,
    ...change,
  };
}

describe("where the server has refused a repair", () => {
  it("what may be in its way goes first", () => {
    const operation = repair(about(torn, {}), torn);
    assert.ok(operation.do === "remove");
    assert.deepEqual(operation.fields, ["/secrets/0"]);
  });

  it("one patch does all where nothing is in its way, or the server has refused that removal, too", () => {
    const changed = account({ automountServiceAccountToken: true });
    assert.equal(repair(about(changed, {}), changed).do, "patch");
    assert.equal(repair(about(torn, { isRemovalRefused: true }), torn).do, "patch");
  });

  it("what a controller of the object has added stays where a map is written anew", () => {
    const replicaSet = (image: string, more: JsonObject, managedFields: JsonObject[]): KubeObject => ({
      apiVersion: "apps/v1",
      kind: "ReplicaSet",
      metadata: { name: "web", managedFields },
      spec: { template: { spec: { schedulerName: image, ...more } } },
    });
    const owned = (manager: string, fieldsV1: JsonObject, subresource = "") => ({
      manager,
      operation: "Update",
      subresource,
      fieldsV1,
    });
    const securityContext = { fsGroup: 1 };
    const live = replicaSet("other", { securityContext, hostname: "a" }, [
      owned("operator", {
        "f:spec": { "f:template": { "f:spec": { "f:securityContext": { "f:fsGroup": {} } } } },
      }),
      owned("operator", { "f:status": { "f:conditions": { "f:a": {} } } }, "status"),
      owned("edit", {
        "f:spec": { "f:template": { "f:spec": { "f:hostname": {}, "f:schedulerName": {} } } },
      }),
    ]);
    const wanted = replicaSet("own", {}, []);
    const operation = repair(about(live, { desired: wanted, isRemovalRefused: true }), live);
    assert.ok(operation.do === "patch");
    const value = { spec: { schedulerName: "own", securityContext } };
    assert.deepEqual(operation.patch.at(-1), { op: "replace", path: "/spec/template", value });
  });

  it("one patch does all of an object that can't be applied", () => {
    assert.equal(repair(about(torn, { isApplicable: false }), torn).do, "patch");
  });
});
