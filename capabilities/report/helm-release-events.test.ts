import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { helmReleaseSchema, type HelmRelease } from "../../crds/helm-release";
import { Store } from "../state/store";
import { HelmReleaseEvents } from "./helm-release-events";

const release = { namespace: "shop", name: "web" };
const locked = { mode: "enabled", state: "Deployed", version: 2 };

function helmReleaseIn(name: string, status: object | undefined): HelmRelease {
  return helmReleaseSchema.parse({
    apiVersion: "helm.cattle.io/v1alpha1",
    kind: "HelmRelease",
    metadata: { name, namespace: "cattle-helm-system", uid: name, generation: 3 },
    spec: { release },
    status: status && { observedGeneration: 3, ...status },
  });
}

/** Two HelmReleases of one release, one of them with a status, and the Events on them. */
function makeEvents(status: object | undefined) {
  const known = [helmReleaseIn("fresh", undefined), helmReleaseIn("old", status)];
  const names: string[] = [];
  const events = new HelmReleaseEvents({
    events: { emit: ({ metadata }) => names.push(metadata.name) },
    helmReleases: { get: name => known.find(({ metadata }) => metadata.name === name) },
    rank: { isFirst: true },
  });
  const store = new Store();
  store.register("fresh", release);
  const lock = store.register("old", release);
  const stands = (said: Parameters<HelmReleaseEvents["emitStanding"]>[2]) => {
    events.emitStanding(lock, ["Locked", "Locked 1 object"], said);
    return names.splice(0);
  };
  return { events, lock, stands };
}

describe("an Event on how a lock stands", () => {
  it("is not sent by a new process where the status has it", () => {
    assert.deepEqual(makeEvents(locked).stands(locked), ["fresh"]);
    assert.deepEqual(makeEvents({ ...locked, mode: "suspended" }).stands({ mode: "suspended" }), ["fresh"]);
  });

  it("is sent where the status says otherwise, or speaks of another spec", () => {
    for (const other of [
      { version: 1 },
      { state: "Transitioning" },
      { mode: "warn" },
      { observedGeneration: 2 },
    ])
      assert.deepEqual(makeEvents({ ...locked, ...other }).stands(locked), ["fresh", "old"]);
    assert.deepEqual(makeEvents(locked).stands({ mode: "suspended" }), ["fresh", "old"]);
  });

  it("is sent whatever the status says once this process has told of the lock, or knew that it was told", () => {
    const { stands } = makeEvents(locked);
    stands(locked);
    assert.deepEqual(stands(locked), ["fresh", "old"]);
    const { events, stands: stand } = makeEvents(locked);
    events.emitOn("old", "Untracked", "Objects of release shop/web are not tracked");
    assert.deepEqual(stand(locked), ["old", "fresh", "old"]);
  });
});
