import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { KubeObject } from "../kube/object";
import { stopClock } from "../work/stopped-clock";
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

  it("is its holder's until that has not renewed it in time, by the clock of who looks", t => {
    // Sums of fractions of a millisecond are not exact.
    stopClock(t, 1_000);
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
    ["no holder", { leaseDurationSeconds: 15 }],
    ["a holder that is no text", { holderIdentity: 1 }],
    ["words for a spec", "two"],
  ];

  for (const [what, spec] of odd) {
    it(`is free with ${what}`, () => {
      const lease = readLease({ ...stored("two"), spec } as KubeObject, undefined);
      assert.equal(isFree(lease, "one", lease.since), true);
    });
  }

  it("lasts no longer than all do, whatever it says of itself", () => {
    const spec = { holderIdentity: "two", leaseDurationSeconds: 31_536_000 };
    const lease = readLease({ ...stored("two"), spec }, undefined);
    assert.equal(isFree(lease, "one", lease.since + LASTS + 1), true);
  });
});
