import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { JsonObject, KubeObject } from "../kube/object";
import type { Left } from "../kube/path";
import { parsePath } from "../kube/path-text";
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

  it("what it may not take away, but would make anew as it is, is right", () => {
    const added = (data: JsonObject, labels: JsonObject = {}): KubeObject => ({
      apiVersion: "tools.example.com/v1",
      kind: "Widget",
      metadata: { name: "web", labels, managedFields: [hand] },
      spec: { limits: data },
    });
    const hand = {
      manager: "edit",
      operation: "Update",
      fieldsV1: {
        "f:metadata": { "f:labels": { "f:helm.sh/chart": {} } },
        "f:spec": { "f:limits": { "f:size": {} } },
      },
    };
    const wanted = { ...added({}), spec: {} };
    const live = added({ size: 1 });
    const change = { desired: wanted, isAsked: true, isRemovalRefused: true };
    const known = { ...NOTHING_KNOWN, right: "other" };
    assert.equal(repair(about(live, { ...change, known, anew: live }), live).do, "none");
    const other = added({ size: 2 });
    assert.equal(repair(about(other, { ...change, known, anew: live }), other).do, "patch");
    assert.equal(repair(about(live, { ...change, known }), live).do, "compare");
    // What is beside something of a controller is not said to be astray, but it is not as made.
    const beside = added({ size: 1, evil: true });
    const mine: Left = { path: parsePath("/spec/limits/size"), origin: { is: "chart" } };
    assert.notEqual(
      repair(about(beside, { ...change, known, anew: live, rules: [mine] }), beside).do,
      "none",
    );
  });

  it("what is gone of a default goes back beside what Helm's own entry still holds of it", () => {
    const entry = {
      manager: "helm",
      operation: "Apply",
      fieldsV1: { "f:spec": { "f:limits": { "f:size": {} } } },
    };
    const widget = (limits: JsonObject): KubeObject => ({
      apiVersion: "tools.example.com/v1",
      kind: "Widget",
      metadata: { name: "web", managedFields: [entry] },
      spec: { limits },
    });
    const live = widget({ size: 1 });
    const change = {
      desired: { ...widget({}), spec: {} },
      isRemovalRefused: true,
      known: { ...NOTHING_KNOWN, right: "other" },
    };
    assert.equal(repair(about(live, { ...change, anew: live }), live).do, "none");
    const operation = repair(about(live, { ...change, anew: widget({ size: 1, depth: 2 }) }), live);
    assert.ok(operation.do === "patch");
    assert.deepEqual(operation.fields, ["/spec/limits/depth"]);
  });

  it("one patch does all of an object that can't be applied", () => {
    assert.equal(repair(about(torn, { isApplicable: false }), torn).do, "patch");
  });
});
