import assert from "node:assert/strict";
import { beforeEach, describe, it } from "node:test";
import { kindOf } from "../kube/kinds";
import type { KubeObject } from "../kube/object";
import type { Tracked } from "../state/lock";
import { Store } from "../state/store";
import { track } from "../state/new-tracked";
import { see, settle } from "../state/tracked";
import { HeldObjects } from "./held-objects";

const kind = kindOf({ apiVersion: "v1", kind: "ConfigMap", plural: "configmaps", namespaced: true });

const configMap = (name: string, metadata: object = {}): KubeObject => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name, namespace: "shop", ...metadata },
});

describe("HeldObjects", () => {
  const lock = new Store().register("one", { namespace: "shop", name: "web" });
  let held: HeldObjects;
  beforeEach(() => {
    held = new HeldObjects(100);
  });

  function seen(name: string, bytes: number, tracked = track(lock, kind, configMap(name))): Tracked {
    see(tracked, configMap(name, { uid: "u", resourceVersion: String(bytes) }));
    held.note(tracked, bytes);
    return tracked;
  }

  const stateOf = (...all: Tracked[]): string[] => all.map(({ observed }) => observed.as);

  it("lets go of the oldest when all are too heavy", () => {
    const [one, two, three] = [seen("a", 40), seen("b", 50), seen("c", 60)];
    assert.deepEqual(stateOf(one, two, three), ["unknown", "unknown", "live"]);
  });

  it("lets go of what is too heavy alone", () => {
    assert.deepEqual(stateOf(seen("a", 101), seen("b", 100)), ["unknown", "live"]);
  });

  it("leaves alone what had its look, or is in another state by now", () => {
    const right = seen("a", 40);
    settle(right);
    const later = seen("b", 41);
    seen("b", 42, later);
    seen("c", 50);
    assert.deepEqual(stateOf(right, later), ["right", "live"]);
  });
});
