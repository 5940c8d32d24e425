import assert from "node:assert/strict";
import { beforeEach, describe, it } from "node:test";
import type { KubeObject } from "../kube/object";
import { OddRecords } from "./odd-records";

const record = (name: string, namespace = "shop"): KubeObject => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name, namespace },
});

describe("OddRecords", () => {
  let told: string[];
  let odd: OddRecords;
  beforeEach(() => {
    told = [];
    odd = new OddRecords({
      oddRecord: record => told.push(record),
      oddRecords: namespace => told.push(`many in ${namespace}`),
    });
  });

  it("warns of each once while it exists", () => {
    odd.note(record("a"));
    odd.note(record("a"));
    odd.forget(record("a"));
    odd.note(record("a"));
    odd.retain(new Set(["shop/b"]));
    odd.note(record("a"));
    odd.retain(new Set(["shop/a"]));
    odd.note(record("a"));
    assert.deepEqual(told, ["shop/a", "shop/a", "shop/a"]);
  });

  it("says of a namespace once that there are many, and still names those of others", () => {
    for (let count = 0; count < 1000; count += 1) odd.note(record(`a${count}`));
    odd.note(record("b", "other"));
    assert.equal(told.length, 22);
    assert.deepEqual(told.slice(-2), ["many in shop", "other/b"]);
  });
});
