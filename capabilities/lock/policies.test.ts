import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { policyOf } from "../policy/policy";
import type { Lock } from "../state/lock";
import { phaseOf } from "../state/phase";
import { PLAIN } from "../state/standing";
import { Store } from "../state/store";
import { Queue } from "../work/queue";
import { Policies } from "./policies";

const release = { namespace: "shop", name: "web" };

const deployed = {
  is: "record",
  state: { driver: "Secret", revision: 1, uid: "u", resourceVersion: "1" },
  record: { ...release, revision: 1, status: "deployed", description: "", notes: "", manifest: "" },
  writers: [],
} as const;

function policiesOf(store: Store, ask: (lock: Lock) => void = () => undefined): Policies {
  return new Policies({
    store,
    queue: new Queue({ workers: 1, retryDelay: () => 0, isPassing: () => false }),
    memories: { ask },
    reporter: { turned: () => undefined, statusOf: () => undefined },
  });
}

describe("Policies", () => {
  it("tells nothing of a release that was disabled before it is loaded: nothing of it was tracked", () => {
    const store = new Store();
    const policies = policiesOf(store);
    const off = { driftDetection: { mode: "disabled" } } as const;
    const lock = policies.register("a", release, { ...PLAIN, spec: off, policy: policyOf(off) });
    store.load(lock, { phase: phaseOf(deployed), record: undefined, seal: undefined });
    policies.register("a", release, { ...PLAIN, spec: off, policy: policyOf(off), generation: 2 });
    assert.ok(lock.phase);
    policies.register("a", release, { ...PLAIN, policy: policyOf({}) });
    assert.equal(lock.phase, undefined);
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
