import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { lockerPolicySchema } from "../../crds/helm-locker-policy";
import { helmReleaseSchema } from "../../crds/helm-release";
import { LockerPolicy } from "../policy/locker-policy";
import { generate, generatedFor, generatedNames, isGenerated } from "./generated";

const release = { namespace: "shop", name: "web" };

function wantedOf(template: object, uid = "1") {
  const metadata = { name: "all", namespace: "cattle-helm-system", uid };
  const object = lockerPolicySchema.parse({ metadata, spec: { releases: {}, template } });
  const policy = new LockerPolicy("all", object.spec);
  return generate("shop.web", release, { policy, object, controllerName: "helm-locker" });
}

const warn = { driftDetection: { mode: "warn" } };
const wanted = wantedOf(warn);
const live = (change: { spec?: object; metadata?: object } = {}) =>
  helmReleaseSchema.parse({
    ...wanted,
    metadata: { ...wanted.metadata, ...change.metadata },
    spec: { ...wanted.spec, ...change.spec },
  });

describe("the HelmRelease of a policy", () => {
  it("is owned by the policy, which names it in a label", () => {
    assert.partialDeepStrictEqual(wanted, {
      metadata: {
        labels: { "helmreleases.cattle.io/policy": "all" },
        ownerReferences: [{ uid: "1", name: "all" }],
      },
      spec: { release, driftDetection: { mode: "warn" } },
    });
  });

  it("has a name of its own, whatever namespaces and names are joined", () => {
    const [one] = generatedNames({ namespace: "a", name: "b.c" });
    const [other] = generatedNames({ namespace: "a-b", name: "c" });
    assert.notEqual(one, other);
    const [first, second] = generatedNames(release);
    assert.deepEqual([first, second.startsWith("shop.web-")], ["shop.web", true]);
  });

  it("is found by either of its names, but not if somebody else made what has them", () => {
    const [first, second] = generatedNames(release);
    const handmade = live({ metadata: { labels: {} } });
    const found = (name: string) => (name === first ? handmade : name === second ? live() : undefined);
    assert.equal(generatedFor(release, found).length, 1);
  });

  const cases: [what: string, is: ReturnType<typeof live>, expected: boolean][] = [
    ["as it was made", live(), true],
    ["suspended by people", live({ spec: { suspend: true, suspendReason: "a look" } }), true],
    ["with a rule of theirs", live({ spec: { driftDetection: { mode: "warn", additions: "Keep" } } }), true],
    ["in another mode", live({ spec: { driftDetection: { mode: "enabled" } } }), false],
    ["for another release", live({ spec: { release: { ...release, name: "api" } } }), false],
    ["without its label", live({ metadata: { labels: {} } }), false],
  ];
  for (const [what, is, expected] of cases)
    it(`${expected ? "needs no" : "needs a"} write: ${what}`, () => {
      assert.equal(isGenerated(is, wanted), expected);
    });

  it("needs a write where the template no longer says something, or the policy is another one", () => {
    const before = helmReleaseSchema.parse(wantedOf({ ...warn, serviceAccountName: "tenant" }));
    assert.equal(isGenerated(before, wanted), false);
    assert.equal(isGenerated(live(), wantedOf(warn, "2")), false);
  });
});
