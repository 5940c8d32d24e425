import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { policyOf } from "../policy/policy";
import { kindOf } from "../kube/kinds";
import type { KubeObject } from "../kube/object";
import { changeOf } from "./change";
import { newLock } from "./new-lock";
import { track } from "./new-tracked";

const LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration";

function object(kind: string, annotations: Record<string, string>, rest: object): KubeObject {
  return { apiVersion: "v1", kind, metadata: { name: "a", namespace: "demo", annotations }, ...rest };
}

function valuesOf(desired: KubeObject, live: KubeObject, fields: string[], recordDiff = "Values") {
  const lock = newLock({ namespace: "demo", name: "web" });
  const kind = kindOf({ apiVersion: "v1", kind: desired.kind, plural: "things", namespaced: true });
  const policy = policyOf({ driftDetection: { recordDiff: recordDiff as "Values" } });
  const found = { operation: "Edited", action: "Reverted", by: [], tookMs: 1, fields, live } as const;
  return changeOf({ ...track(lock, kind, desired), lock: { ...lock, policy } }, found);
}

describe("changeOf", () => {
  const desired = object("ConfigMap", {}, { data: { color: "blue", size: "big" } });
  const live = object("ConfigMap", {}, { data: { color: "red".repeat(100) } });

  it("has the values of both sides, cut, where they are asked for", () => {
    const { values } = valuesOf(desired, live, ["/data/color", "/data/size"]);
    assert.deepEqual(values, [
      { field: "/data/color", chart: "blue", live: `${"red".repeat(21)}…` },
      { field: "/data/size", chart: "big", live: undefined },
    ]);
  });

  it("has fields only by default, and not even these where nobody wants them", () => {
    const plain = valuesOf(desired, live, ["/data/color"], "Fields");
    assert.deepEqual([plain.fields, plain.values], [["/data/color"], []]);
    const bare = valuesOf(desired, live, ["/data/color"], "None");
    assert.deepEqual([bare.fields, bare.values], [[], []]);
  });

  it("has no values of a Secret", () => {
    const secret = { ...desired, kind: "Secret" };
    assert.deepEqual(valuesOf(secret, { ...live, kind: "Secret" }, ["/data/color"]).values, []);
  });

  for (const field of ["", "/metadata", "/metadata/annotations", `/metadata/annotations/${LAST_APPLIED}`])
    it(`has nothing of what kubectl applied last in "${field}"`, () => {
      const pointer = field.replace("io/last", "io~1last");
      const applied = object("ConfigMap", { [LAST_APPLIED]: "xanadu" }, {});
      assert.ok(!JSON.stringify(valuesOf(desired, applied, [pointer]).values).includes("xanadu"));
    });

  it("compares items of the same name, wherever they are", () => {
    const [one, two] = [
      { name: "one", image: "a" },
      { name: "two", image: "b" },
    ];
    const chart = object("Pod", {}, { spec: { containers: [one, two] } });
    const moved = object("Pod", {}, { spec: { containers: [{ ...two, image: "c" }, one] } });
    assert.deepEqual(valuesOf(chart, moved, ["/spec/containers/1/image"]).values, [
      { field: "/spec/containers/1/image", chart: "b", live: "c" },
    ]);
  });
});
