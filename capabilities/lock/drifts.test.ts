import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Operation } from "../drift/operation";
import { kindOf } from "../kube/kinds";
import type { KubeObject } from "../kube/object";
import { DEFAULT_POLICY, type Policy } from "../policy/policy";
import { memoryOf, type Memory } from "../state/memory";
import { PLAIN } from "../state/standing";
import { Store } from "../state/store";
import { track } from "../state/new-tracked";
import { Drifts } from "./drifts";
import { lookAt } from "./example";

const release = { namespace: "shop", name: "web" };
const configMaps = kindOf({ apiVersion: "v1", kind: "ConfigMap", plural: "configmaps", namespaced: true });
const secrets = kindOf({ apiVersion: "v1", kind: "Secret", plural: "secrets", namespaced: true });
const live = (color: string) => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name: "a", namespace: "shop" },
  data: { color },
});
const edited = (color: string): Operation => ({
  do: "apply",
  live: live(color),
  payload: live("blue"),
  fields: ["/data/color"],
});
const secret = (color: string, resourceVersion: string) => ({
  apiVersion: "v1",
  kind: "Secret",
  metadata: { name: "a", namespace: "shop", uid: "u", resourceVersion },
  data: { color },
});
const RIGHT: Operation = { do: "none" };

function begin(mode: Policy["mode"], memory?: Memory, desired: KubeObject = live("blue")) {
  const store = new Store();
  const inMode = (mode: Policy["mode"]) => ({ ...PLAIN, policy: { ...DEFAULT_POLICY, mode } });
  const lock = store.register("a", release, inMode(mode));
  const tracked = track(lock, desired.kind === "Secret" ? secrets : configMaps, desired);
  store.track(lock, { manifest: "m", objects: [tracked], untracked: [] });
  if (memory) store.recall(lock, memory);
  const told: (string | undefined)[] = [];
  const drifts = new Drifts({
    reporter: {
      differs: ({ drift }) => told.push(drift?.operation),
      statusOf: () => undefined,
    },
    chronicle: { warned: () => undefined },
    mayTell: () => true,
  });
  const look = (operation: Operation) => ({ ...lookAt(tracked), operation });
  return {
    tracked,
    told,
    memory: () => memoryOf(lock, "a"),
    turn: (mode: Policy["mode"]) => store.register("a", release, inMode(mode)),
    settled: (operation: Operation) => {
      drifts.settled(look(operation));
    },
    /** @param meanwhile happens before the end of the look */
    ended: (meanwhile: () => unknown = () => undefined) => {
      const begun = look(RIGHT);
      meanwhile();
      drifts.ended(begun);
    },
    /** @param meanwhile happens before the look comes to nothing */
    left: (operation: Operation, meanwhile: () => unknown = () => undefined) => {
      const begun = look(operation);
      meanwhile();
      drifts.left(begun);
    },
  };
}

describe("Drifts", () => {
  it("tells of each change once, and once that it is gone", () => {
    const { settled, told } = begin("warn");
    settled(RIGHT);
    for (const color of ["red", "red", "green", "green"]) settled(edited(color));
    settled({ do: "create" });
    settled(RIGHT);
    settled(RIGHT);
    assert.deepEqual(told, ["apply", "apply", "create", undefined]);
  });

  it("tells nothing again of what an earlier process has told of, unless that is over", () => {
    const earlier = begin("warn");
    earlier.settled(edited("red"));
    const again = begin("warn", earlier.memory());
    again.settled(edited("red"));
    assert.deepEqual([again.told, again.tracked.drift?.operation], [[], "apply"]);
    again.settled(edited("green"));
    assert.deepEqual(again.told, ["apply"]);
    const later = begin("warn", again.memory());
    later.settled(RIGHT);
    later.settled(RIGHT);
    assert.deepEqual(later.told, [undefined]);
    const last = begin("warn", later.memory());
    last.settled(RIGHT);
    assert.deepEqual(last.told, []);
  });

  it("has nothing told of what is reverted, and forgets what was told of that before", () => {
    const { settled, left, turn, told, memory } = begin("warn");
    settled(edited("red"));
    turn("enabled");
    left(edited("red"));
    settled(RIGHT);
    assert.deepEqual(told, ["apply"]);
    const again = begin("warn", memory());
    again.settled(edited("red"));
    assert.deepEqual(again.told, ["apply"]);
  });

  it("tells nothing by a policy that another one has replaced meanwhile", () => {
    const { left, turn, told, memory, tracked } = begin("enabled");
    left(edited("red"), () => turn("warn"));
    assert.deepEqual([told, tracked.drift], [[], undefined]);
    assert.deepEqual(memory().objects.size, 0);
  });

  it("remembers nothing that depends on the values of a Secret", () => {
    const told = (color: string, resourceVersion: string) => {
      const { settled, tracked } = begin("warn", undefined, secret("blue", "1"));
      const found = secret(color, resourceVersion);
      settled({ do: "apply", live: found, payload: secret("blue", "1"), fields: ["/data/color"] });
      return tracked.told;
    };
    assert.equal(told("red", "2"), told("green", "2"));
    assert.notEqual(told("red", "2"), told("red", "3"));
  });

  it("knows since when it has differed without a break", () => {
    const { settled, tracked } = begin("warn");
    settled(edited("red"));
    const since = tracked.drift?.since;
    settled(edited("green"));
    assert.ok(since !== undefined);
    assert.equal(tracked.drift?.since, since);
  });

  it("tells of what stood before it was only told of", () => {
    const { left, settled, turn, told } = begin("enabled");
    left(edited("red"));
    left(edited("red"));
    turn("warn");
    settled(edited("red"));
    settled(edited("red"));
    assert.deepEqual(told, ["apply"]);
  });

  it("knows an object once a look has ended, by the policy that holds", () => {
    const { ended, turn, tracked } = begin("warn");
    ended(() => turn("enabled"));
    assert.equal(tracked.looked, "never");
    ended();
    assert.equal(tracked.looked, "since");
  });

  it("keeps what is known where a look has come to nothing", () => {
    const { left, tracked } = begin("enabled");
    left(edited("red"));
    left({ do: "observe" });
    assert.equal(tracked.drift?.operation, "apply");
  });

  it("keeps no more places than can be told", () => {
    const { settled, tracked } = begin("warn");
    const fields = Array.from({ length: 1_000 }, (_, index) => `/data/${index}`);
    settled({ do: "apply", live: live("red"), payload: live("blue"), fields });
    assert.equal(tracked.drift?.fields.length, 50);
  });
});
