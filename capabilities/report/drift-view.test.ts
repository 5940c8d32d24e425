import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { kindOf } from "../kube/kinds";
import { DEFAULT_POLICY, type Policy } from "../policy/policy";
import { recordIn } from "../release/example";
import type { Lock } from "../state/lock";
import { phaseOf } from "../state/phase";
import type { Problem, StandingDrift } from "../state/problems";
import { PLAIN } from "../state/standing";
import { Store } from "../state/store";
import { track } from "../state/new-tracked";
import { differ, ignore, lookedAt, trouble } from "../state/tracked";
import { driftStatusOf, driftViewOf } from "./drift-view";
import { bytesOf } from "./fit";

const release = { namespace: "shop", name: "web" };
const configMaps = kindOf({ apiVersion: "v1", kind: "ConfigMap", plural: "configmaps", namespaced: true });
const edit: StandingDrift = {
  operation: "apply",
  fields: ["/data/color"],
  by: ["hand"],
  digest: "",
  since: Date.UTC(2026, 0, 1),
};

interface Given {
  name?: string;
  drift?: StandingDrift;
  problem?: Problem;
  ignored?: number;
  /** @default true */
  isLookedAt?: boolean;
}

function lockWith(mode: Policy["mode"], ...objects: Given[]): Lock {
  return lockBy({ mode }, ...objects);
}

function lockBy(policy: Partial<Policy>, ...objects: Given[]): Lock {
  const lock = new Store().register("a", release, { ...PLAIN, policy: { ...DEFAULT_POLICY, ...policy } });
  const tracked = objects.map(({ name, drift, problem, ignored = 0, isLookedAt = true }, index) => {
    const desired = {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name: name ?? `${index}`, namespace: "shop" },
    };
    const one = track(lock, configMaps, desired);
    differ(one, drift);
    trouble(one, problem);
    ignore(one, ignored);
    if (isLookedAt) lookedAt(one);
    return [`${index}`, one] as const;
  });
  return { ...lock, phase: phaseOf(recordIn("deployed")), objects: new Map(tracked) };
}

const failed: Problem = { is: "failed", error: new Error("denied") };

describe("driftViewOf", () => {
  it("counts, and tells what differs, since when, by whom and why it stands", () => {
    const view = driftViewOf(lockWith("enabled", {}, { ignored: 3 }, { drift: edit, problem: failed }));
    assert.deepEqual(view?.objects, { tracked: 3, drifted: 1, ignored: 1, blocked: 1 });
    assert.deepEqual(view.entries, [
      {
        object: "ConfigMap shop/2",
        fields: ["/data/color"],
        by: ["hand"],
        since: "2026-01-01T00:00:00Z",
        why: "denied",
      },
    ]);
    assert.deepEqual([view.verdict?.is, view.verdict?.reason], [true, "DriftDetected"]);
    assert.match(view.verdict?.message ?? "", /ConfigMap shop\/2 differs \(changed by hand\): \/data\/color/);
  });

  it("says that it stands because the mode is warn", () => {
    const view = driftViewOf(lockWith("warn", { drift: edit }));
    assert.match(view?.entries[0]?.why ?? "", /mode is warn/);
    assert.deepEqual(view?.objects, { tracked: 1, drifted: 1, ignored: 0, blocked: 0 });
  });

  it("says no fields where none are to be recorded", () => {
    const view = driftViewOf(lockBy({ mode: "warn", recordDiff: "None" }, { drift: edit }));
    assert.deepEqual(
      view?.entries.map(({ object, fields, by }) => [object, fields, by]),
      [["ConfigMap shop/0", [], ["hand"]]],
    );
    assert.equal(view.verdict?.message, "ConfigMap shop/0 differs (changed by hand)");
    const problem = { is: "left", because: { is: "kept", fields: ["/data/color"] } } as const;
    const kept = driftViewOf(lockBy({ mode: "enabled", recordDiff: "None" }, { drift: edit, problem }));
    assert.match(kept?.entries[0]?.why ?? "", /is not known$/);
  });

  it("says that nothing differs", () => {
    const view = driftViewOf(lockWith("warn", {}));
    assert.deepEqual(
      [view?.verdict?.is, view?.verdict?.reason, view?.entries],
      [false, "NoDriftDetected", []],
    );
  });

  it("blocks, but does not differ: what is another release's", () => {
    const rival = { name: "other", namespace: "shop" };
    const left: Problem = { is: "left", because: { is: "tracked by another", rival } };
    const view = driftViewOf(lockWith("enabled", { problem: left }));
    assert.deepEqual([view?.objects.blocked, view?.objects.drifted, view?.verdict?.is], [1, 0, false]);
  });

  it("has no verdict where drift is not looked for", () => {
    const disabled = driftViewOf(lockWith("disabled", { drift: edit }));
    const lock = lockWith("warn", { drift: edit });
    for (const view of [
      disabled,
      driftViewOf({ ...lock, isSuspended: true }),
      driftViewOf({ ...lock, phase: phaseOf({ is: "missing" }) }),
    ]) {
      assert.deepEqual([view?.verdict, view?.entries, view?.objects.drifted], [undefined, [], 0]);
      assert.equal(view?.objects.tracked, 1);
    }
  });

  it("says nothing new before every object was looked at", () => {
    assert.equal(driftViewOf(lockWith("warn", { drift: edit }, { isLookedAt: false })), undefined);
  });

  it("counts what is left to others only once every object was looked at, also while nothing is looked for", () => {
    const counted = (isLookedAt: boolean) =>
      driftStatusOf(driftViewOf({ ...lockWith("enabled", { ignored: 2, isLookedAt }), isSuspended: true }), {
        objects: { tracked: 5, drifted: 3, ignored: 4, blocked: 2 },
      }).objects;
    assert.deepEqual(counted(true), { tracked: 1, drifted: 0, ignored: 1, blocked: 0 });
    assert.deepEqual(counted(false), { tracked: 1, drifted: 0, ignored: 4, blocked: 0 });
  });

  it("is bounded, whatever the names", () => {
    const long = "ü".repeat(5_000);
    const fields = Array.from({ length: 50 }, (_, index) => `/data/${index}${long}`);
    const drift = { ...edit, fields, by: fields };
    const objects = Array.from({ length: 500 }, (_, index) => ({ name: `${index}${long}`, drift }));
    const view = driftViewOf(lockWith("warn", ...objects));
    assert.equal(view?.objects.drifted, 500);
    assert.ok(view.entries.length > 5 && view.entries.length <= 20);
    assert.ok(bytesOf(view.entries) <= 30_100);
    for (const entry of view.entries) assert.equal(entry.fields?.length, 10);
  });
});

describe("driftStatusOf", () => {
  const view = driftViewOf(lockWith("warn", { drift: edit }));
  const before = (since: string, fields: string[]) => ({
    objects: { tracked: 7, drifted: 1, ignored: 0, blocked: 0 },
    drift: [{ object: "ConfigMap shop/0", fields, since }],
  });

  it("keeps since when the same differs", () => {
    const { drift } = driftStatusOf(view, before("2025-01-01T00:00:00Z", ["/data/color"]));
    assert.equal(drift?.[0]?.since, "2025-01-01T00:00:00Z");
  });

  it("takes something else for new", () => {
    const { drift } = driftStatusOf(view, before("2025-01-01T00:00:00Z", ["/data/size"]));
    assert.equal(drift?.[0]?.since, "2026-01-01T00:00:00Z");
  });

  it("keeps what it has said until there is something new", () => {
    const known = before("2025-01-01T00:00:00Z", []);
    assert.deepEqual(driftStatusOf(undefined, known), known);
    assert.deepEqual(driftStatusOf(undefined, undefined).drift, []);
  });
});
