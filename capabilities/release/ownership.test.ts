import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { electFieldManager, fieldManagerVote, ownerOf, withOwnership } from "./ownership";

const release = { name: "web", namespace: "shop" };

describe("Helm's ownership metadata", () => {
  it("is added to an object that has none", () => {
    const object = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "a" }, data: { a: "b" } };
    assert.deepEqual(withOwnership(object, release), {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: {
        name: "a",
        labels: { "app.kubernetes.io/managed-by": "Helm" },
        annotations: { "meta.helm.sh/release-name": "web", "meta.helm.sh/release-namespace": "shop" },
      },
      data: { a: "b" },
    });
    assert.deepEqual(object.metadata, { name: "a" });
  });

  it("wins over the manifest's, whose other labels and annotations stay", () => {
    const labels = { "app.kubernetes.io/managed-by": "Tiller", app: "x" };
    const annotations = { "meta.helm.sh/release-name": "other", note: "y" };
    const object = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "a", labels, annotations } };
    const { metadata } = withOwnership(object, release);
    assert.deepEqual(metadata.labels, { "app.kubernetes.io/managed-by": "Helm", app: "x" });
    assert.deepEqual(metadata.annotations, {
      "meta.helm.sh/release-name": "web",
      "meta.helm.sh/release-namespace": "shop",
      note: "y",
    });
  });

  it("says whose a live object is, if both annotations are there", () => {
    assert.deepEqual(
      ownerOf(withOwnership({ apiVersion: "v1", kind: "ConfigMap", metadata: { name: "a" } }, release)),
      release,
    );
    for (const annotations of [undefined, null, {}, { "meta.helm.sh/release-name": "web" }]) {
      assert.equal(ownerOf({ metadata: { name: "a", annotations } }), undefined);
    }
  });
});

describe("whose an object is by a name that no release can have", () => {
  const longest = "a".repeat(53);
  const cases: [name: string, namespace: string, isOne: boolean][] = [
    ["web", "shop", true],
    ["web.v1", "shop-2", true],
    [longest, "a".repeat(63), true],
    [`${longest}a`, "shop", false],
    ["no such!", "shop", false],
    ["Web", "shop", false],
    ["web,owner!=helm", "shop", false],
    ["", "shop", false],
    ["web\n", "shop", false],
    ["web", "a/b", false],
    ["web", "..", false],
    ["web", "a".repeat(64), false],
    ["web", "", false],
  ];
  for (const [name, namespace, isOne] of cases) {
    it(`is ${isOne ? "that release's" : "nobody's"}: ${JSON.stringify(`${namespace}/${name}`).slice(0, 80)}`, () => {
      const annotations = { "meta.helm.sh/release-name": name, "meta.helm.sh/release-namespace": namespace };
      assert.deepEqual(
        ownerOf({ metadata: { name: "a", annotations } }),
        isOne ? { name, namespace } : undefined,
      );
    });
  }
});

describe("the field manager", () => {
  const owning = { "f:metadata": { "f:annotations": { ".": {}, "f:meta.helm.sh/release-name": {} } } };
  const other = { "f:metadata": { "f:annotations": { "f:note": {} } }, "f:data": { "f:a": {} } };
  const live = (...managedFields: { manager?: string; fieldsV1?: unknown }[]) => ({
    metadata: { managedFields },
  });

  it("is who owns the release's name", () => {
    const entries = [
      { manager: "kubectl-edit", fieldsV1: other },
      { manager: "helm", fieldsV1: owning },
    ];
    assert.equal(fieldManagerVote(live(...entries)), "helm");
    assert.equal(
      fieldManagerVote(live({ manager: "terraform-provider-helm", fieldsV1: owning })),
      "terraform-provider-helm",
    );
  });

  it("is never a hand that is not Helm's", () => {
    for (const manager of ["kubectl-annotate", "kubectl", "pepr", "before-first-apply", ""]) {
      assert.equal(fieldManagerVote(live({ manager, fieldsV1: owning })), undefined);
      assert.equal(
        fieldManagerVote(live({ manager, fieldsV1: owning }, { manager: "sdk", fieldsV1: owning })),
        "sdk",
      );
    }
  });

  it("is unknown where nobody owns the name", () => {
    for (const object of [
      undefined,
      {},
      { metadata: {} },
      live(),
      live({ manager: "helm", fieldsV1: other }),
      live({ manager: "x" }),
    ]) {
      assert.equal(fieldManagerVote(object), undefined);
    }
  });

  it("is elected by the objects of a release", () => {
    const cases: [votes: string[], elected: string][] = [
      [[], "helm"],
      [["sdk"], "sdk"],
      [["sdk", "helm", "helm"], "helm"],
      [["sdk", "helm", "sdk"], "sdk"],
      [["sdk", "helm"], "helm"],
      [["b", "a", "b", "a", "c"], "a"],
    ];
    for (const [votes, elected] of cases) assert.equal(electFieldManager(votes), elected);
  });
});
