import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { helmReleaseSchema, type HelmRelease } from "../../crds/helm-release";
import { Store } from "../state/store";
import { HelmReleaseEvents } from "./helm-release-events";

const release = { namespace: "shop", name: "web" };

const helmReleaseIn = (name: string, status: object | undefined): HelmRelease =>
  helmReleaseSchema.parse({
    apiVersion: "helm.cattle.io/v1alpha1",
    kind: "HelmRelease",
    metadata: { name, namespace: "cattle-helm-system" },
    spec: { release },
    status,
  });

/** On which HelmReleases there is an Event, of two that lock a release. */
function emitted(status: object | undefined, told: Parameters<HelmReleaseEvents["emit"]>[3]): string[] {
  const known = [helmReleaseIn("fresh", undefined), helmReleaseIn("old", status)];
  const names: string[] = [];
  const events = new HelmReleaseEvents({
    events: { emit: ({ metadata }) => names.push(metadata.name) },
    helmReleases: { get: name => known.find(({ metadata }) => metadata.name === name) },
    rank: { isFirst: true },
  });
  const store = new Store();
  store.register("fresh", release);
  events.emit(store.register("old", release), "Locked", "Locked 1 object", told);
  return names;
}

describe("an Event of what a locker before may have told", () => {
  const locked = { mode: "enabled", state: "Deployed", version: 2 };

  it("is not sent again where the status has it", () => {
    assert.deepEqual(emitted(locked, locked), ["fresh"]);
    assert.deepEqual(emitted({ ...locked, mode: "suspended" }, { mode: "suspended" }), ["fresh"]);
  });

  it("is sent where the status says otherwise, or something else", () => {
    for (const other of [{ version: 1 }, { state: "Transitioning" }, { mode: "warn" }])
      assert.deepEqual(emitted({ ...locked, ...other }, locked), ["fresh", "old"]);
    assert.deepEqual(emitted(locked, { mode: "suspended" }), ["fresh", "old"]);
  });

  it("is sent whatever the status says if it is news of this locker", () => {
    assert.deepEqual(emitted(locked, undefined), ["fresh", "old"]);
  });
});
