import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { KubeObject } from "../kube/object";
import { isFree, LASTS, leaseOf, readLease } from "./lease";

const ref = { name: "helm-locker-0", namespace: "locks" };

function stored(holder: string, resourceVersion = "1"): KubeObject {
  return { ...leaseOf(ref, holder), metadata: { ...ref, uid: "u", resourceVersion } };
}

function seen(holder: string, resourceVersion?: string) {
  return readLease(stored(holder, resourceVersion), undefined);
}

describe("a place among lockers", () => {
  it("is free where nobody has it, or who asks", () => {
    assert.equal(isFree(undefined, "one", 0), true);
    assert.equal(isFree(seen(""), "one", performance.now()), true);
    assert.equal(isFree(seen("one"), "one", performance.now()), true);
  });

  it("is its holder's until that has not renewed it in time, by the clock of who looks", () => {
    const lease = seen("two");
    assert.equal(isFree(lease, "one", lease.since + LASTS), false);
    assert.equal(isFree(lease, "one", lease.since + LASTS + 1), true);
  });

  it("is as it was seen first until it is renewed", () => {
    const lease = seen("two");
    assert.equal(readLease(stored("two"), lease), lease);
    assert.notEqual(readLease(stored("two", "2"), lease), lease);
  });

  const odd: [what: string, spec: unknown][] = [
    ["no spec", undefined],
    ["a duration that is none", { holderIdentity: "two", leaseDurationSeconds: -1 }],
    ["a duration of a year", { holderIdentity: "two", leaseDurationSeconds: 31_536_000 }],
    ["no holder", { leaseDurationSeconds: 15 }],
    ["words for a spec", "two"],
  ];

  for (const [what, spec] of odd) {
    it(`lasts as long as all do with ${what}`, () => {
      const { lasts } = readLease({ ...stored("two"), spec } as KubeObject, undefined);
      assert.equal(lasts, LASTS);
    });
  }
});
