import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { kindOf } from "../kube/kinds";
import type { KubeObject } from "../kube/object";
import type { Tracked } from "./lock";
import { Store } from "./store";
import { miss, see, settle, track } from "./tracked";

const web = { namespace: "shop", name: "web" };
const configMaps = kindOf({ apiVersion: "v1", kind: "ConfigMap", plural: "configmaps", namespaced: true });

function configMap(metadata: object = {}): KubeObject {
  return { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "a", namespace: "shop", ...metadata } };
}

const OWN = { "meta.helm.sh/release-name": "web", "meta.helm.sh/release-namespace": "shop" };

/** A live object on which a manager has put Helm's release name. */
function live(resourceVersion: string, manager = "helm"): KubeObject {
  const fieldsV1 = { "f:metadata": { "f:annotations": { "f:meta.helm.sh/release-name": {} } } };
  return configMap({ uid: "u", resourceVersion, annotations: OWN, managedFields: [{ manager, fieldsV1 }] });
}

describe("see", () => {
  const seen = (...versions: string[]): Tracked => {
    const tracked = track(new Store().register("one", web), configMaps, configMap());
    for (const version of versions) see(tracked, live(version));
    return tracked;
  };

  it("notes what was never seen", () => {
    const tracked = seen();
    assert.equal(see(tracked, live("9")), true);
    assert.equal(tracked.resourceVersion, "9");
    assert.ok(tracked.observed.as === "live");
  });

  const cases: [what: string, known: string, version: string, isNews: boolean][] = [
    ["newer", "9", "10", true],
    ["older", "10", "9", false],
    ["the same, not yet looked at", "10", "10", true],
    ["of no version", "10", "", false],
  ];

  for (const [what, known, version, isNews] of cases) {
    it(`says that what is ${what} is ${isNews ? "" : "no "}news`, () => {
      const tracked = seen(known);
      const before = tracked.observed;
      assert.equal(see(tracked, live(version)), isNews);
      assert.equal(tracked.observed !== before, isNews);
      assert.equal(tracked.resourceVersion, isNews ? version : known);
    });
  }

  it("drops the echo of what is known to be right, and takes a later change", () => {
    const tracked = seen("10");
    settle(tracked);
    assert.equal(see(tracked, live("10")), false);
    assert.equal(tracked.observed.as, "right");
    assert.equal(see(tracked, live("11")), true);
  });

  it("takes an object that is back, of a version after its deletion", () => {
    const tracked = seen("10");
    miss(tracked, false);
    assert.equal(see(tracked, live("12")), true);
  });

  it("remembers whether an object was ever seen as this release's own", () => {
    const seenWith = (...annotations: object[]) => {
      const tracked = seen();
      for (const each of annotations) see(tracked, configMap({ resourceVersion: "9", annotations: each }));
      return tracked.wasSeen;
    };
    assert.equal(seenWith({}), false);
    assert.equal(seenWith({ ...OWN, "meta.helm.sh/release-name": "api" }), false);
    assert.equal(seenWith(OWN, {}), true);
  });

  it("keeps the first vote for the field manager, whoever rewrites Helm's metadata later", () => {
    const tracked = seen();
    see(tracked, live("1", "kubectl-annotate"));
    assert.equal(tracked.vote, undefined);
    see(tracked, live("2", "sdk"));
    see(tracked, live("3", "thief"));
    assert.equal(tracked.vote, "sdk");
  });

  it("takes no vote from an object that names another release", () => {
    const tracked = seen();
    const { metadata } = live("1", "thief");
    const annotations = { ...OWN, "meta.helm.sh/release-name": "api" };
    see(tracked, configMap({ ...metadata, annotations }));
    assert.equal(tracked.vote, undefined);
  });
});
