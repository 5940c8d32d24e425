import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { lockerPolicySchema } from "../../crds/helm-locker-policy";
import { policyStatusOf, type PolicyFacts } from "./locker-policy-status";

const facts: PolicyFacts = {
  problem: undefined,
  obstacle: undefined,
  unseen: [],
  matched: 3,
  locked: 2,
  newlyDiffered: 1,
  failures: [],
};

function policy(status?: object) {
  return lockerPolicySchema.parse({ metadata: { name: "all", namespace: "ns", generation: 2 }, status });
}

const readyOf = (change: Partial<PolicyFacts>) =>
  policyStatusOf(policy(), { ...facts, ...change }, "now").conditions?.[0];

describe("the status of a HelmLockerPolicy", () => {
  const cases: [what: string, change: Partial<PolicyFacts>, reason: string, message: RegExp][] = [
    ["followed", {}, "Followed", /matches 3 releases/],
    ["wrong", { problem: "spec.a: bad", obstacle: "no" }, "InvalidSpec", /^spec\.a: bad\. .*stays as it is/],
    ["in vain", { obstacle: "none can" }, "MatchesNothing", /none can/],
    ["blind", { unseen: ["Namespace: forbidden"] }, "NotSeen", /Namespace: forbidden.*stays so/],
    [
      "not carried out",
      { failures: [1, 2, 3].map(() => ({ release: "shop/web", error: new Error("no room") })) },
      "NotLocked",
      /release shop\/web, and 2 more: no room/,
    ],
  ];
  for (const [what, change, reason, message] of cases)
    it(`says that the policy is ${what}`, () => {
      const ready = readyOf(change);
      assert.equal(ready?.reason, reason);
      assert.match(ready.message ?? "", message);
      assert.equal(ready.status, reason === "Followed" ? "True" : "False");
    });

  it("adds what has differed, and keeps the time while the condition stays", () => {
    const before = policyStatusOf(policy({ differed: 4 }), facts, "then");
    assert.equal(before.differed, 5);
    const other = { type: "Other", status: "True" };
    const conditions = [other, ...(before.conditions ?? [])];
    const again = policyStatusOf(policy({ ...before, conditions }), facts, "now");
    assert.deepEqual(
      again.conditions?.map(({ type }) => type),
      ["Other", "Ready"],
    );
    assert.equal(again.conditions[1]?.lastTransitionTime, "then");
  });
});
