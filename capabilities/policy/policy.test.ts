import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { IgnoreSpec, PolicySpec } from "../../crds/spec";
import { exemptionOf, idleIn } from "./exemption";
import { DEFAULT_POLICY, policyOf } from "./policy";
import { PolicyError } from "./policy-error";

const deployment = {
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name: "web", namespace: "shop", labels: { app: "web" }, annotations: { team: "a" } },
};

function rulesOf(...ignore: IgnoreSpec[]) {
  return policyOf({ driftDetection: { ignore } }).ignore;
}

describe("a policy", () => {
  it("of a spec without any of its fields is the default", () => {
    assert.deepEqual(policyOf({}), DEFAULT_POLICY);
    assert.deepEqual(policyOf({ driftDetection: {} }), DEFAULT_POLICY);
  });

  it("has what the spec says", () => {
    const policy = policyOf({
      suspend: true,
      suspendUntil: "2026-11-25T20:00:00+02:00",
      suspendReason: "INC-1",
      driftDetection: {
        mode: "warn",
        additions: "Keep",
        knownControllers: false,
        allowCreate: true,
        recordDiff: "None",
      },
      admission: {
        action: "Deny",
        subjects: "All",
        deployers: [
          { kind: "Group", name: "ci" },
          { kind: "ServiceAccount", name: "deployer", namespace: "ci" },
          { kind: "User", name: "jane" },
        ],
      },
      serviceAccountName: "tenant",
    });
    assert.deepEqual(policy, {
      suspension: { until: Date.UTC(2026, 10, 25, 18), reason: "INC-1" },
      mode: "warn",
      ignore: [],
      keepsAdditions: true,
      knowsControllers: false,
      allowsCreate: true,
      recordDiff: "None",
      admission: {
        action: "Deny",
        subjects: "All",
        deployers: { users: ["system:serviceaccount:ci:deployer", "jane"], groups: ["ci"] },
      },
      serviceAccount: "tenant",
    });
  });

  const refused: [what: string, spec: PolicySpec, words: RegExp][] = [
    ["an end without a suspension", { suspendUntil: "2026-11-25T18:00:00Z" }, /needs spec\.suspend: true/],
    ["a date for a time", { suspend: true, suspendUntil: "2026-11-25" }, /^spec\.suspendUntil .* RFC 3339/],
    ["a day that is not", { suspend: true, suspendUntil: "2026-02-30T00:00:00Z" }, /^spec\.suspendUntil/],
    [
      "a path that is none",
      { driftDetection: { ignore: [{ paths: ["/a", "b"] }] } },
      /ignore\[0\]\.paths\[1\] "b"/,
    ],
    [
      "an expression that is none",
      { driftDetection: { ignore: [{ paths: ["/a"], target: { name: "(" } }] } },
      /ignore\[0\]\.target\.name "\("/,
    ],
    [
      "an expression that would take for ever",
      { driftDetection: { ignore: [{ paths: ["/a"], target: { name: "(a)\\1" } }] } },
      /ignore\[0\]\.target\.name/,
    ],
    [
      "a selector that is none",
      { driftDetection: { ignore: [{ paths: ["/a"], target: { labelSelector: "a=b=c" } }] } },
      /ignore\[0\]\.target\.labelSelector/,
    ],
    [
      "a rule that ignores nothing",
      { driftDetection: { ignore: [{ target: { kind: "Job" } }] } },
      /ignores nothing/,
    ],
  ];
  for (const [what, spec, words] of refused)
    it(`refuses ${what}, and says where`, () => {
      assert.throws(
        () => policyOf(spec),
        (error: unknown) => error instanceof PolicyError && words.test(error.message),
      );
    });
});

describe("an ignore rule", () => {
  const covering: [what: string, target: IgnoreSpec["target"], covers: boolean][] = [
    ["without a target", undefined, true],
    ["of its group", { group: "apps" }, true],
    ["of the core group", { group: "" }, false],
    ["of its version", { version: "v1" }, true],
    ["of another version", { version: "v1beta1" }, false],
    ["of its kind", { kind: "Deployment" }, true],
    ["of its whole name", { name: "we." }, true],
    ["of a part of its name", { name: "we" }, false],
    ["of another namespace", { namespace: "shop-.*" }, false],
    ["of its labels", { labelSelector: "app in (web)" }, true],
    ["of annotations that it has not", { annotationSelector: "team=b" }, false],
    ["of all that and one thing more", { kind: "Deployment", name: "web", labelSelector: "app!=web" }, false],
  ];
  for (const [what, target, covers] of covering)
    it(`${what} ${covers ? "covers" : "does not cover"} the object`, () => {
      const rules = rulesOf({ paths: ["/spec/replicas"], ...(target && { target }) });
      assert.equal(exemptionOf(rules, deployment).left.length, covers ? 1 : 0);
    });

  it("takes no longer for an expression that others backtrack in", () => {
    const [rule] = rulesOf({ paths: [""], target: { name: "(a+)+b" } });
    const started = performance.now();
    rule?.covers({ ...deployment, metadata: { ...deployment.metadata, name: "a".repeat(253) } });
    assert.ok(performance.now() - started < 1_000);
  });

  it("of managers alone is about all that they have written", () => {
    const [left] = exemptionOf(rulesOf({ managedFieldsManagers: ["keda"] }), deployment).left;
    assert.deepEqual(left?.path, []);
    assert.equal(left.by?.("keda"), true);
    assert.equal(left.by("kubectl"), false);
  });

  it("and one of its paths that a release has nothing of are found", () => {
    const rules = rulesOf(
      { paths: ["/metadata/name", "/spec/replicas"] },
      { paths: ["/kind"], target: { kind: "Job" } },
    );
    assert.deepEqual(idleIn(rules, [deployment]), [
      { field: "spec.driftDetection.ignore[0].paths[1]", lacks: "field" },
      { field: "spec.driftDetection.ignore[1]", lacks: "object" },
    ]);
  });

  for (const key of ["helm.toolkit.fluxcd.io/driftDetection", "helmreleases.cattle.io/drift-detection"])
    it(`is not needed where a manifest has ${key}`, () => {
      const annotated = (value: string) => ({
        ...deployment,
        metadata: { ...deployment.metadata, annotations: { [key]: value } },
      });
      assert.equal(exemptionOf([], annotated("disabled")).isWhole, true);
      assert.equal(exemptionOf([], annotated("enabled")).isWhole, false);
    });

  it("of the whole object covers its deletion, one of managers does not", () => {
    assert.equal(exemptionOf(rulesOf({ paths: [""] }), deployment).isWhole, true);
    assert.equal(exemptionOf(rulesOf({ paths: ["/spec"] }), deployment).isWhole, false);
    assert.equal(
      exemptionOf(rulesOf({ paths: [""], managedFieldsManagers: ["keda"] }), deployment).isWhole,
      false,
    );
  });
});
