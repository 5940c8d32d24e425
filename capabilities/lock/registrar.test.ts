import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { helmReleaseSchema } from "../../crds/helm-release";
import { Registrar } from "./registrar";
import { Store } from "./store";

function helmRelease(name: string, resourceVersion = "2") {
  const metadata = { name, namespace: "cattle-helm-system", uid: `uid of ${name}`, resourceVersion };
  return helmReleaseSchema.parse({ metadata });
}

/** A registrar that is never asked to register, and so sends nothing. */
function registrar(): Registrar {
  const ignored = () => undefined;
  const refused = () => Promise.reject(new Error("nothing is sent here"));
  return new Registrar({
    objects: { merge: refused, patch: refused },
    store: new Store(),
    controllerName: "helm-locker",
    events: { locked: ignored, unlocked: ignored, permissionChanged: ignored, invalid: ignored },
  });
}

describe("Registrar", () => {
  it("takes no older state of a HelmRelease for news", () => {
    const known = registrar();
    known.note(helmRelease("a", "10"));
    known.note(helmRelease("a", "9"));
    assert.equal(known.get("a")?.metadata.resourceVersion, "10");
  });

  it("does not believe a late event of a HelmRelease that is gone", () => {
    const known = registrar();
    known.note(helmRelease("a"));
    known.forget(helmRelease("a"));
    known.note(helmRelease("a"));
    assert.equal(known.get("a"), undefined);
  });

  it("remembers only the last of those that are gone", () => {
    const known = registrar();
    for (let count = 0; count <= 1_000; count++) known.forget(helmRelease(`a${count}`));
    for (const name of ["a0", "a1"]) known.note(helmRelease(name));
    assert.ok(known.get("a0"));
    assert.equal(known.get("a1"), undefined);
  });

  it("misses what a complete list does not show, newer ones aside", () => {
    const known = registrar();
    for (const [name, version] of [
      ["there", "5"],
      ["gone", "5"],
      ["new", "12"],
    ] as const)
      known.note(helmRelease(name, version));
    const missing = known.missing(new Set(["cattle-helm-system/there"]), "10");
    assert.deepEqual(
      missing.map(({ metadata }) => metadata.name),
      ["gone"],
    );
  });
});
