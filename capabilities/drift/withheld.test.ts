import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { KubeObject } from "../kube/object";
import { decide } from "./decide";
import { NOTHING_KNOWN } from "./known";
import { UNANSWERED, type Operation } from "./operation";
import { placesOf } from "./withheld";

const desired: KubeObject = {
  apiVersion: "v1",
  kind: "Thing",
  metadata: {
    name: "a",
    namespace: "shop",
    labels: { tier: "back" },
    annotations: { "meta.helm.sh/release-name": "web", "meta.helm.sh/release-namespace": "shop" },
  },
  spec: { color: "blue", items: [{ name: "one", size: 1 }] },
};

function live(change: { tier?: string; color?: string; immutable?: boolean }): KubeObject {
  const { tier = "back", color = "blue", immutable } = change;
  const fields = {
    ...(color === "blue" ? {} : { "f:spec": { "f:color": {} } }),
    "f:immutable": {},
    "f:metadata": { "f:labels": { "f:tier": {} } },
  };
  return {
    ...desired,
    metadata: {
      ...desired.metadata,
      uid: "u",
      resourceVersion: "1",
      labels: { tier },
      managedFields: [{ manager: "hand", operation: "Update", apiVersion: "v1", fieldsV1: fields }],
    },
    spec: { color, items: [{ name: "one", size: 1 }] },
    ...(immutable === undefined ? {} : { immutable }),
  };
}

function decided(object: KubeObject, withheld: readonly string[]): Operation {
  return decide({
    ...UNANSWERED,
    desired,
    withheld,
    release: { namespace: "shop", name: "web" },
    observed: { as: "live", at: 0, object },
    known: NOTHING_KNOWN,
    manager: "helm",
    isApplicable: true,
    wasSeen: true,
    isBroughtBack: false,
    isFinished: undefined,
    wasRivals: false,
    allowsCreate: false,
    knowsControllers: false,
  });
}

const fieldsOf = (operation: Operation) => ("fields" in operation ? operation.fields : operation.do);

describe("what is withheld from a repair", () => {
  it("is not repaired, and the rest is", () => {
    const object = live({ tier: "front", color: "red" });
    assert.deepEqual(fieldsOf(decided(object, [])), ["/metadata/labels/tier", "/spec/color"]);
    const operation = decided(object, ["/spec/color"]);
    assert.deepEqual(fieldsOf(operation), ["/metadata/labels/tier"]);
    assert.ok(operation.do === "apply");
    assert.deepEqual(operation.payload.spec, object.spec);
  });

  it("may be something that was added", () => {
    const object = live({ tier: "front", immutable: true });
    const operation = decided(object, ["/immutable"]);
    assert.deepEqual(fieldsOf(operation), ["/metadata/labels/tier"]);
    assert.ok(operation.do === "apply");
    assert.equal(operation.payload.immutable, true);
  });

  it("is told apart from what is right", () => {
    const because = { is: "withheld" };
    assert.deepEqual(decided(live({ color: "red" }), ["/spec/color"]), { do: "none", because });
    assert.deepEqual(decided(live({}), ["/spec/color"]), { do: "none" });
  });
});

describe("placesOf", () => {
  it("takes a list as one place", () => {
    const fields = ["/spec/items/0/size", "/spec/items/0", "/spec/color"];
    assert.deepEqual(placesOf(fields, desired, live({})), ["/spec/items", "/spec/color"]);
  });
});
