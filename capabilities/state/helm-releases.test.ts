import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { helmReleaseSchema } from "../../crds/helm-release";
import { HelmReleases } from "./helm-releases";

function helmRelease(name: string, resourceVersion = "2") {
  const metadata = { name, namespace: "cattle-helm-system", uid: `uid of ${name}`, resourceVersion };
  return helmReleaseSchema.parse({ metadata });
}

describe("HelmReleases", () => {
  it("takes no older state of a HelmRelease for news", () => {
    const known = new HelmReleases();
    known.note(helmRelease("a", "10"));
    known.note(helmRelease("a", "9"));
    assert.equal(known.get("a")?.metadata.resourceVersion, "10");
  });

  it("does not take the late reply to a write for news of a HelmRelease that is gone", () => {
    const known = new HelmReleases();
    known.note(helmRelease("a"));
    known.forget(helmRelease("a"));
    known.update(helmRelease("a", "3"));
    assert.equal(known.get("a"), undefined);
  });

  it("takes the reply to a write before the watch tells of it", () => {
    const known = new HelmReleases();
    known.note(helmRelease("a", "9"));
    known.update(helmRelease("a", "10"));
    known.note(helmRelease("a", "9"));
    assert.equal(known.get("a")?.metadata.resourceVersion, "10");
  });

  it("misses what a complete list does not show", () => {
    const known = new HelmReleases();
    assert.equal(known.areListed, false);
    for (const name of ["there", "gone"]) known.note(helmRelease(name));
    const gone = known.retain(new Set(["cattle-helm-system/there"]));
    assert.deepEqual(
      gone.map(({ metadata }) => metadata.name),
      ["gone"],
    );
    assert.deepEqual([known.get("there")?.metadata.name, known.get("gone")], ["there", undefined]);
    assert.equal(known.areListed, true);
  });
});
