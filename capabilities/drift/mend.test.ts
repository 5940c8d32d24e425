import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Json, JsonObject, KubeObject } from "../kube/object";
import { mend } from "./mend";

function account(secrets: Json[]): KubeObject {
  return { apiVersion: "v1", kind: "ServiceAccount", metadata: { name: "a" }, secrets };
}

function claim(spec: JsonObject): KubeObject {
  return {
    apiVersion: "v1",
    kind: "PersistentVolumeClaim",
    metadata: { name: "a", resourceVersion: "7" },
    spec,
  };
}

const part = { gone: [], emptied: [], isWhole: false };

describe("mend", () => {
  it("adds a ServiceAccount's secrets to those of others", () => {
    const patch = mend(account([{ name: "a" }]), account([{ name: "b" }]), part);
    assert.deepEqual(patch.slice(1), [{ op: "add", path: "/secrets/-", value: { name: "a" } }]);
  });

  it("writes those without a name only as a whole: the server cuts them down, and they would be added again and again", () => {
    const patch = mend(account([{ uid: "u" }]), account([{}, { name: "b" }]), part);
    assert.deepEqual(patch.slice(1), [
      { op: "replace", path: "/secrets", value: [{ uid: "u" }, { name: "b" }] },
    ]);
  });

  it("leaves what the server normalizes, also where a map is written anew", () => {
    const desired = claim({
      accessModes: [],
      resources: { requests: { storage: "10240Mi" } },
      volumeName: "a",
    });
    const live = claim({
      resources: { requests: { storage: "10Gi" }, limits: { storage: "1" } },
      volumeName: "b",
    });
    const patch = mend(desired, live, { ...part, isWhole: true });
    assert.deepEqual(patch.slice(1), [{ op: "replace", path: "/spec/volumeName", value: "a" }]);
  });

  it("writes a list anew in which maps without a name have changed places, where the server has refused a repair", () => {
    const keys = [{ key: "a", side: "left" }, { key: "b" }];
    const [desired, live] = [
      keys,
      [
        { key: "b", side: "left" },
        { key: "a", side: "left" },
      ],
    ].map(list => claim({ list }));
    assert.ok(desired && live);
    const patch = mend(desired, live, { ...part, isWhole: true });
    assert.deepEqual(patch.slice(1), [{ op: "replace", path: "/spec/list", value: keys }]);
  });
});
