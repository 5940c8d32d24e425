import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { kindOf } from "../kube/kinds";
import { policyOf } from "../policy/policy";
import { recordIn } from "../release/example";
import type { Lock } from "../state/lock";
import { phaseOf } from "../state/phase";
import { track } from "../state/new-tracked";
import { PLAIN } from "../state/standing";
import { Store } from "../state/store";
import { lookedAt } from "../state/tracked";
import { Queue } from "../work/queue";
import { Policies } from "./policies";

const release = { namespace: "shop", name: "web" };
const configMaps = kindOf({ apiVersion: "v1", kind: "ConfigMap", plural: "configmaps", namespaced: true });

function policiesOf(store: Store, ask: (lock: Lock) => void = () => undefined): Policies {
  return new Policies({
    store,
    queue: new Queue({ workers: 1, tellers: 1, retryDelay: () => 0, isPassing: () => false }),
    memories: { ask, forget: () => undefined },
    admissions: { ask: () => undefined },
    reporter: { turned: () => undefined, statusOf: () => undefined },
  });
}

describe("Policies", () => {
  it("tells nothing of a release that was disabled before it is loaded: nothing of it was tracked", () => {
    const store = new Store();
    const policies = policiesOf(store);
    const off = { driftDetection: { mode: "disabled" } } as const;
    const lock = policies.register("a", release, { ...PLAIN, spec: off, policy: policyOf(off) });
    store.load(lock, { phase: phaseOf(recordIn("deployed")), record: undefined, seal: undefined });
    policies.register("a", release, { ...PLAIN, spec: off, policy: policyOf(off), generation: 2 });
    assert.ok(lock.phase);
    policies.register("a", release, { ...PLAIN, policy: policyOf({}) });
    assert.equal(lock.phase, undefined);
  });

  it("knows nothing of what was looked at before a suspension, or by another policy, once that is over", () => {
    const store = new Store();
    const policies = policiesOf(store);
    const lock = policies.register("a", release, PLAIN);
    const tracked = track(lock, configMaps, { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "a" } });
    store.track(lock, { manifest: "m", objects: [tracked], untracked: [] });
    for (const spec of [{ suspend: true }, {}, { driftDetection: { additions: "Keep" } }] as const) {
      lookedAt(tracked);
      policies.register("a", release, { ...PLAIN, spec, policy: policyOf(spec) });
      assert.deepEqual([tracked.looked, tracked.observed.as], ["before", "unknown"]);
    }
    lookedAt(tracked);
    const spec = { driftDetection: { additions: "Keep", recordDiff: "None" } } as const;
    policies.register("a", release, { ...PLAIN, spec, policy: policyOf(spec) });
    assert.equal(tracked.looked, "since", "what is recorded of it is no other look");
  });

  it("has what is asked for remembered at once: a lock that is suspended is not looked at", () => {
    const asked: Lock[] = [];
    const policies = policiesOf(new Store(), lock => asked.push(lock));
    policies.register("a", release, PLAIN);
    assert.deepEqual(asked, [], "a new lock is loaded first");
    const spec = { suspend: true };
    const lock = policies.register("a", release, { ...PLAIN, spec, policy: policyOf(spec) });
    assert.ok(lock.isSuspended);
    assert.deepEqual(asked, [lock]);
  });
});
