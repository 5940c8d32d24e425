import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { policyOf } from "../policy/policy";
import type { Lock } from "../state/lock";
import { PLAIN } from "../state/standing";
import { Store } from "../state/store";
import { Queue } from "../work/queue";
import { Policies } from "./policies";

const release = { namespace: "shop", name: "web" };

describe("Policies", () => {
  it("has what is asked for remembered at once: a lock that is suspended is not looked at", () => {
    const asked: Lock[] = [];
    const policies = new Policies({
      store: new Store(),
      queue: new Queue({ workers: 1, retryDelay: () => 0, isPassing: () => false }),
      memories: { ask: lock => asked.push(lock) },
      reporter: { turned: () => undefined, statusOf: () => undefined },
    });
    policies.register("a", release, PLAIN);
    assert.deepEqual(asked, [], "a new lock is loaded first");
    const spec = { suspend: true };
    const lock = policies.register("a", release, { ...PLAIN, spec, policy: policyOf(spec) });
    assert.ok(lock.isSuspended);
    assert.deepEqual(asked, [lock]);
  });
});
