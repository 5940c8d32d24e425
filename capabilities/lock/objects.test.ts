import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { kindOf } from "../kube/kinds";
import { DEFAULT_POLICY, policyOf, type Policy } from "../policy/policy";
import { recordIn } from "../release/example";
import { withOwnership } from "../release/ownership";
import { track } from "../state/new-tracked";
import { phaseOf } from "../state/phase";
import { toLookAt } from "../state/requests";
import { PLAIN } from "../state/standing";
import { Store } from "../state/store";
import { doubt, see } from "../state/tracked";
import { Queue } from "../work/queue";
import { Fights } from "./fights";
import { ObjectController } from "./objects";
import { Refusals } from "./refusals";
import { Salvage } from "./salvage";

const release = { namespace: "shop", name: "web" };
const configMaps = kindOf({ apiVersion: "v1", kind: "ConfigMap", plural: "configmaps", namespaced: true });

const desired = withOwnership(
  {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: "a", namespace: "shop" },
    data: { color: "blue" },
  },
  release,
);
const live = {
  ...desired,
  metadata: { ...desired.metadata, uid: "u", resourceVersion: "7", managedFields: [] },
  data: { color: "red" },
};

const IGNORING = policyOf({ driftDetection: { ignore: [{ paths: [""] }] } });

/** A look during which a policy is chosen. */
async function look(policy: Policy, chosen: Policy, fails = false) {
  const calls: string[] = [];
  const called = (name: string) => () => {
    calls.push(name);
  };
  const store = new Store();
  const queue = new Queue({ workers: 1, tellers: 1, retryDelay: () => 0, isPassing: () => false });
  const follow = (policy: Policy) => store.register("a", release, { ...PLAIN, policy });
  const lock = follow(policy);
  const newest = recordIn("deployed");
  const phase = phaseOf(newest);
  const held = { ...newest.state, description: "", notes: "", writers: [] };
  store.load(lock, { phase, record: held, seal: undefined });
  const tracked = track(lock, configMaps, desired);
  store.track(lock, { manifest: "digest", objects: [tracked], untracked: [] });
  for (const collection of lock.collections) store.watch(collection, { is: "listed" });
  const nothing = () => undefined;
  const controller = new ObjectController({
    store,
    queue,
    memories: { ask: called("ask") },
    questions: {
      answer: () => {
        if (fails) return Promise.resolve({ problem: { is: "held by finalizers" } });
        if (lock.policy !== chosen) follow(chosen);
        doubt(tracked);
        see(tracked, live);
        return Promise.resolve("again");
      },
    },
    writer: { write: () => Promise.resolve("done") },
    drifts: { settled: nothing, left: called("left"), ended: called("ended"), untrouble: nothing },
    fights: new Fights(),
    salvage: new Salvage(new Refusals()),
    patience: { holdOff: () => undefined },
    accounts: { obstacle: () => Promise.resolve(undefined), failed: () => undefined },
    unlabelled: { follow: nothing },
    chronicle: { follow: (_look, looking) => looking },
    reporter: { settled: nothing, failed: nothing, ignored: nothing, statusOf: nothing },
  });
  await controller.reconcile(toLookAt(tracked), 1);
  return { observed: tracked.observed.as, queued: queue.size, calls };
}

describe("a look", () => {
  it("settles an object that is left as it is", async () => {
    const { observed, queued } = await look(IGNORING, IGNORING);
    assert.deepEqual([observed, queued], ["right", 0]);
  });

  it("settles nothing by a policy that another one has replaced meanwhile: the object is looked at again", async () => {
    const { observed, queued } = await look(IGNORING, DEFAULT_POLICY);
    assert.deepEqual([observed, queued], ["live", 1]);
  });

  it("has what it leaves noted before that is remembered", async () => {
    const { calls } = await look(DEFAULT_POLICY, DEFAULT_POLICY, true);
    assert.deepEqual(calls, ["left", "ended", "ask"]);
  });
});
