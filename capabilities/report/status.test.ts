import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { helmReleaseSchema } from "../../crds/helm-release";
import { phaseOf } from "../lock/phase";
import { Store, type Lock, type Tracked } from "../lock/store";
import type { ReleaseStatus } from "../release/record";
import { statusOf, viewOfInvalid, viewOfLock, type View } from "./status";

const release = { namespace: "shop", name: "web" };
const state = { driver: "Secret", revision: 3, uid: "u3", resourceVersion: "7" } as const;

function lockIn(status: ReleaseStatus, change: Partial<Lock> = {}): Lock {
  const description = "Upgrade complete";
  const record = { ...release, revision: 3, status, description, notes: "Enjoy", manifest: "" };
  return {
    ...new Store().register("a", release),
    phase: phaseOf({ is: "record", state, record }),
    record: { ...state, description, notes: "Enjoy" },
    ...change,
  };
}

function lockWithoutRecord(newest: Parameters<typeof phaseOf>[0]): Lock {
  return lockIn("deployed", { phase: phaseOf(newest), record: undefined });
}

function withProblem(lock: Lock, name: string, problem: string | undefined): Lock {
  const tracked: Tracked = {
    lock,
    resource: { apiVersion: "v1", kind: "ConfigMap", plural: "configmaps", namespaced: true },
    desired: { apiVersion: "v1", kind: "ConfigMap", metadata: { name, namespace: "shop" } },
    observed: { as: "right" },
    resourceVersion: undefined,
    known: undefined,
    wasSeen: false,
    isApplicable: true,
    isFinished: undefined,
    rival: undefined,
    vote: undefined,
    problem,
  };
  return { ...lock, objects: new Map([...lock.objects, [name, tracked]]) };
}

function viewOf(lock: Lock): View {
  const view = viewOfLock(lock);
  assert.ok(view);
  return view;
}

describe("viewOfLock", () => {
  it("has nothing to say before the release was read", () => {
    assert.equal(viewOfLock(new Store().register("a", release)), undefined);
  });

  it("tells what Helm says of the newest revision", () => {
    const { state: word, version, description, notes, locked, ready } = viewOf(lockIn("deployed"));
    assert.deepEqual([word, version, description, notes], ["Deployed", 3, "Upgrade complete", "Enjoy"]);
    assert.deepEqual([locked.is, locked.reason, ready.is], [true, "Locked", true]);
  });

  for (const status of ["pending-upgrade", "failed", "uninstalled", "superseded"] as const) {
    it(`is neither locked nor ready while ${status}`, () => {
      const { locked, ready } = viewOf(lockIn(status));
      assert.equal(locked.is, false);
      assert.deepEqual(ready, locked);
    });
  }

  it("uses the original's words where there is no record", () => {
    const { state: word, version, description, notes } = viewOf(lockWithoutRecord({ is: "missing" }));
    assert.deepEqual(
      [word, version, description, notes],
      ["SecretNotFound", 0, "Could not find Helm Release Secret", ""],
    );
  });

  it("describes a record that can't be read by what is wrong with it", () => {
    const view = viewOf(lockWithoutRecord({ is: "unreadable", revision: 3, reason: "it is torn" }));
    assert.deepEqual(
      [view.state, view.description, view.locked.message],
      ["Error", "it is torn", "it is torn"],
    );
  });

  it("is not ready while the newest record can't be read, and says why", () => {
    const failure = "its newest record can't be read: forbidden";
    const { locked, ready } = viewOf(lockIn("deployed", { failure }));
    assert.equal(locked.is, true);
    assert.deepEqual(ready, { is: false, reason: "Problems", message: failure });
    const view = viewOf({ ...new Store().register("a", release), failure });
    assert.deepEqual([view.state, view.ready.reason, view.ready.message], ["Error", "RecordError", failure]);
  });

  it("is locked but not ready while an object can't be put right, and says which", () => {
    const lock = withProblem(withProblem(lockIn("deployed"), "good", undefined), "bad", "field is immutable");
    const { locked, ready } = viewOf(lock);
    assert.equal(locked.is, true);
    assert.match(locked.message, /but for what condition Ready names/);
    assert.deepEqual(ready, {
      is: false,
      reason: "Problems",
      message: "ConfigMap shop/bad: field is immutable",
    });
  });

  it("is not ready where some of the manifest can't be tracked, and counts what is too much to tell", () => {
    const { ready } = viewOf(lockIn("deployed", { problems: ["one", "two", "three", "four"] }));
    assert.deepEqual(ready, { is: false, reason: "Problems", message: "one; two; three; and 1 more" });
  });

  it("names every kind that can't be watched or written, once", () => {
    const collections = new Set(["a", "b", "c", "d"]);
    const unwatched = new Map(["a", "b"].map(kind => [kind, `no ${kind}`]));
    const unwritable = new Map(["b", "c", "d"].map(kind => [kind, `not ${kind}`]));
    const { ready } = viewOf(lockIn("deployed", { collections, unwatched, unwritable, problems: ["one"] }));
    assert.equal(ready.message, "no a; no b; not c; not d; and 1 more");
  });

  it("cuts what would not fit into an object", () => {
    const record = { ...state, description: "", notes: "n".repeat(1_000_000) };
    const lock = lockIn("deployed", { record, problems: ["p".repeat(1_000_000)] });
    const empty = helmReleaseSchema.parse({ metadata: { name: "a", namespace: "cattle-helm-system" } });
    const { notes, conditions } = statusOf(empty, viewOf(lock), "2026-01-01T00:00:00Z");
    assert.match(notes ?? "", /^n{1000,65535}…$/);
    assert.match(conditions?.[0]?.message ?? "", /^p{1000,32767}…$/);
  });

  it("leaves problems aside while Helm is at work", () => {
    assert.equal(viewOf(lockIn("pending-upgrade", { problems: ["one"] })).ready.reason, "Transitioning");
  });
});

describe("viewOfInvalid", () => {
  it("tells what is wrong with the spec", () => {
    const { state: word, description, locked, ready } = viewOfInvalid("spec.release.name is empty");
    assert.deepEqual([word, description], ["Error", "spec.release.name is empty"]);
    assert.deepEqual(ready, { is: false, reason: "InvalidSpec", message: "spec.release.name is empty" });
    assert.deepEqual(locked, ready);
  });
});

describe("statusOf", () => {
  const then = "2026-01-01T00:00:00Z";
  const now = "2026-01-02T00:00:00Z";
  const helmRelease = (status?: object) =>
    helmReleaseSchema.parse({
      metadata: { name: "a", namespace: "cattle-helm-system", generation: 4 },
      status,
    });

  it("writes both conditions, with the generation that they are about", () => {
    const status = statusOf(helmRelease(), viewOf(lockIn("deployed")), now);
    const { conditions, ...others } = status;
    const [state, version] = ["Deployed", 3];
    assert.deepEqual(others, {
      state,
      version,
      description: "Upgrade complete",
      notes: "Enjoy",
      observedGeneration: 4,
    });
    assert.deepEqual(
      conditions?.map(({ type, status, lastTransitionTime, observedGeneration }) => [
        type,
        status,
        lastTransitionTime,
        observedGeneration,
      ]),
      [
        ["Ready", "True", now, 4],
        ["Locked", "True", now, 4],
      ],
    );
  });

  it("is stable: written again it does not change", () => {
    const view = viewOf(lockIn("deployed"));
    const first = statusOf(helmRelease(), view, then);
    assert.deepEqual(statusOf(helmRelease(first), view, now), first);
  });

  it("moves the time of a condition only with its status", () => {
    const before = statusOf(helmRelease(), viewOf(lockIn("deployed")), then);
    const troubled = lockIn("deployed", { problems: ["one"] });
    const conditions = statusOf(helmRelease(before), viewOf(troubled), now).conditions ?? [];
    assert.deepEqual(
      conditions.map(({ type, lastTransitionTime }) => [type, lastTransitionTime]),
      [
        ["Ready", now],
        ["Locked", then],
      ],
    );
  });

  it("keeps conditions of other types, and takes the original's null for none", () => {
    const foreign = { type: "Mine", status: "True", lastUpdateTime: then };
    const view = viewOf(lockIn("deployed"));
    const types = (status: object) =>
      statusOf(helmRelease(status), view, now).conditions?.map(({ type }) => type);
    assert.deepEqual(types({ conditions: [foreign] }), ["Mine", "Ready", "Locked"]);
    assert.deepEqual(types({ conditions: null }), ["Ready", "Locked"]);
    assert.deepEqual(statusOf(helmRelease({ conditions: [foreign] }), view, now).conditions?.[0], foreign);
  });
});
