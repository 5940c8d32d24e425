import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { helmReleaseSchema } from "../../crds/helm-release";
import { DEFAULT_POLICY } from "../policy/policy";
import { claimOf, type Claim } from "./claim";
import { ORIGINAL_FINALIZER } from "../drift/rancher-marks";

const release = { name: "web", namespace: "shop" };
const asked = { release, policy: DEFAULT_POLICY, spec: {} };

/** A HelmRelease as rancher/helm-locker leaves it, in the form that the locker reads. */
function helmRelease(spec: unknown, metadata: object = {}) {
  return helmReleaseSchema.parse({
    apiVersion: "helm.cattle.io/v1alpha1",
    kind: "HelmRelease",
    metadata: { name: "a", namespace: "cattle-helm-system", creationTimestamp: null, ...metadata },
    spec,
    status: { state: "Deployed", version: 3, description: null, conditions: null },
  });
}

const by = (owner: string) => ({ annotations: { "helmreleases.cattle.io/managed-by": owner } });
const deleted = { deletionTimestamp: "2026-01-01T00:00:00Z" };

describe("claimOf", () => {
  const cases: [what: string, metadata: object, claim: Claim][] = [
    ["an unclaimed one", {}, { is: "valid", unclaimed: true, ...asked }],
    ["one with other annotations", { annotations: { a: "b" } }, { is: "valid", unclaimed: true, ...asked }],
    ["its own", by("helm-locker"), { is: "valid", unclaimed: false, ...asked }],
    ["another controller's", by("other"), { is: "foreign" }],
    ["one that is claimed for nobody", by(""), { is: "foreign" }],
    ["another controller's that is being deleted", { ...by("other"), ...deleted }, { is: "foreign" }],
    [
      "its own that is being deleted",
      { ...by("helm-locker"), ...deleted },
      { is: "leaving", finalizer: undefined },
    ],
    [
      "one being deleted with the original's finalizer behind another",
      { ...deleted, finalizers: ["other/finalizer", ORIGINAL_FINALIZER] },
      { is: "leaving", finalizer: 1 },
    ],
    [
      "one that keeps the original's finalizer",
      { ...by("helm-locker"), finalizers: [ORIGINAL_FINALIZER] },
      { is: "valid", unclaimed: false, ...asked },
    ],
  ];

  for (const [what, metadata, claim] of cases) {
    it(`reads ${what}`, () => {
      assert.deepEqual(claimOf(helmRelease({ release }, metadata), "helm-locker"), claim);
    });
  }
});

describe("the spec of a HelmRelease", () => {
  const invalid: [what: string, spec: unknown, reason: RegExp][] = [
    ["is absent", undefined, /spec\.release\.name is empty/],
    ["is null", null, /spec\.release\.name is empty/],
    ["is empty", {}, /spec\.release\.name is empty/],
    ["has a null release", { release: null }, /spec\.release\.name is empty/],
    ["has a null name", { release: { ...release, name: null } }, /spec\.release\.name is empty/],
    [
      "has a null namespace",
      { release: { ...release, namespace: null } },
      /spec\.release\.namespace is empty/,
    ],
    ["has a name with capitals", { release: { ...release, name: "Web" } }, /"Web" can't be/],
    [
      "has a name that is a path",
      { release: { ...release, name: "../web" } },
      /can't be the name of a Helm release/,
    ],
    ["has a name with a line feed", { release: { ...release, name: "web\n" } }, /can't be/],
    ["has a name of 54 letters", { release: { ...release, name: "a".repeat(54) } }, /can't be/],
    ["has a namespace with a dot", { release: { ...release, namespace: "a.b" } }, /"a\.b" can't be/],
    [
      "has a namespace that is a path",
      { release: { ...release, namespace: "../x" } },
      /can't be the name of a namespace/,
    ],
    ["has a namespace of 64 letters", { release: { ...release, namespace: "a".repeat(64) } }, /can't be/],
  ];

  for (const [what, spec, reason] of invalid) {
    it(`is invalid where it ${what}`, () => {
      const claim = claimOf(helmRelease(spec), "helm-locker");
      assert.ok(claim.is === "invalid");
      assert.match(claim.reason, reason);
      assert.equal(claim.unclaimed, true);
    });
  }

  const valid = [
    { name: "0", namespace: "0" },
    { name: "a.b-c.1", namespace: "a-b" },
    { name: "a".repeat(53), namespace: "a".repeat(63) },
  ];

  for (const named of valid) {
    it(`may name ${named.namespace}/${named.name}`, () => {
      const claim = claimOf(helmRelease({ release: named }), "helm-locker");
      assert.deepEqual(claim, { is: "valid", unclaimed: true, ...asked, release: named });
    });
  }
});

describe("a spec that can't be followed", () => {
  const invalid = { release, driftDetection: { mode: "sometimes" } };
  const cases: [what: string, more: object, suspends: boolean][] = [
    ["does not suspend by itself", {}, false],
    ["suspends where it says so", { suspend: true }, true],
    ["suspends where nobody can read until when", { suspend: true, suspendUntil: "later" }, true],
    ["suspends where the end is no text", { suspend: true, suspendUntil: 5 }, true],
    ["does not where the end can be read", { suspend: true, suspendUntil: "2026-01-01T00:00:00Z" }, false],
    ["does not where it says the opposite", { suspend: false }, false],
  ];
  for (const [what, more, suspends] of cases)
    it(what, () => {
      const claim = claimOf(helmRelease({ ...invalid, ...more }), "helm-locker");
      assert.deepEqual(claim.is === "invalid" && [claim.suspends, claim.release], [suspends, release]);
    });
});
