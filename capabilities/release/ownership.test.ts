import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ownerOf, withOwnership } from "./ownership";

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
