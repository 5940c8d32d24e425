import assert from "node:assert/strict";
import { describe, it, type TestContext } from "node:test";
import { helmReleaseSchema } from "../../crds/helm-release";
import { ForbiddenError, NetworkError, NotFoundError } from "../cluster/errors";
import { kindOf } from "../kube/kinds";
import { isKept } from "../state/kept";
import { track } from "../state/new-tracked";
import type { MemorySpec } from "../state/packed-memory";
import { toRemember } from "../state/requests";
import { PLAIN } from "../state/standing";
import { Store } from "../state/store";
import { tell } from "../state/tracked";
import { stopClock } from "../work/stopped-clock";
import { Memories } from "./memories";

const release = { namespace: "shop", name: "web" };
const configMaps = kindOf({ apiVersion: "v1", kind: "ConfigMap", plural: "configmaps", namespaced: true });
const desired = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "a", namespace: "shop" } };
const helmRelease = helmReleaseSchema.parse({
  metadata: { name: "a", namespace: "cattle-helm-system", uid: "u" },
});
const resting = {
  phase: { stance: "stand down", state: "Error", cause: { is: "unreadable", reason: "damaged" } },
  record: undefined,
} as const;

/** A lock that is remembered beside HelmRelease "a", by a clock that stands still. */
async function begin(context: TestContext) {
  const clock = stopClock(context);
  const store = new Store();
  const asked: string[] = [];
  const written: MemorySpec[] = [];
  const stored = new Map<string, MemorySpec>();
  let refusal: Error | undefined;
  const read = (name: string) => Promise.resolve(stored.has(name) ? { spec: stored.get(name) } : undefined);
  const memories = new Memories({
    store,
    storage: {
      recall: read,
      read,
      write: (name, spec) => {
        if (refusal) return Promise.reject(refusal);
        written.push(spec);
        stored.set(name, spec);
        return Promise.resolve();
      },
      bring: () => Promise.resolve(),
    },
    queue: { addNow: () => asked.push("now"), addAfter: (_request, delay) => asked.push(`after ${delay}`) },
    helmReleases: { get: () => helmRelease },
    reporter: { troubled: () => undefined, status: () => undefined },
  });
  const lock = store.register("a", release);
  const tracked = track(lock, configMaps, desired);
  store.track(lock, { manifest: "m", objects: [tracked], untracked: [] });
  const seal = (uid: string) => {
    store.load(lock, { ...resting, seal: { uid, digest: "d" } });
  };
  seal("r1");
  await memories.recall(lock);
  /** As the queue does. */
  const run = async (attempt = 1) => {
    try {
      return (await memories.reconcile(toRemember("a"), attempt))?.retryAfter;
    } catch (error) {
      memories.failed(toRemember("a"), error);
      return "failed";
    }
  };
  return {
    store,
    lock,
    memories,
    asked,
    written,
    seal,
    run,
    tell: (what: string) => {
      tell(tracked, what);
    },
    wait: (milliseconds: number) => (clock.now += milliseconds),
    refuse: (error: Error | undefined) => (refusal = error),
    isTold: () => isKept(lock, "a"),
  };
}

const LOST = new NetworkError("no answer");
const FORBIDDEN = new ForbiddenError(403, "Forbidden", "no");
const NOT_SERVED = new NotFoundError(404, "NotFound", "no such kind");

describe("Memories", () => {
  it("writes at once what the first status waits for, and then at most once a second", async context => {
    const { memories, lock, asked, written, seal, run, wait, isTold } = await begin(context);
    memories.ask(lock);
    assert.deepEqual([asked, await run(), isTold()], [["now"], undefined, true]);
    for (const uid of ["r2", "r3", "r4"]) {
      seal(uid);
      assert.deepEqual([await run(), isTold()], [1_000, false]);
    }
    wait(1_000);
    await run();
    assert.deepEqual([written.map(({ record }) => record?.uid), isTold()], [["r1", "r4"], true]);
  });

  it("writes less and less often what was told alone", async context => {
    const { memories, lock, asked, written, run, tell, wait, seal } = await begin(context);
    await run();
    for (let second = 0; second < 300; second++) {
      wait(1_000);
      tell(`change ${second}`);
      memories.ask(lock);
      await run();
    }
    assert.ok(written.length > 5 && written.length < 20, `${written.length} writes`);
    seal("r2");
    asked.length = 0;
    memories.ask(lock);
    assert.deepEqual([asked, await run()], [["now"], undefined]);
    wait(60_001);
    for (const what of ["rare", "again"]) {
      const before = written.length;
      tell(what);
      wait(1_000);
      await run();
      assert.equal(written.length - before, 1, what);
    }
  });

  it("lets a status wait for one failure that may pass, and for no refusal", async context => {
    const { refuse, run, isTold } = await begin(context);
    refuse(LOST);
    assert.deepEqual([await run(), isTold(), await run(), isTold()], ["failed", false, "failed", true]);
    const other = await begin(context);
    other.refuse(FORBIDDEN);
    assert.deepEqual([await other.run(), other.isTold()], ["failed", true]);
  });

  it("lets a status wait for its kind to be served, but not for ever, whatever is asked meanwhile", async context => {
    const { refuse, run, isTold, memories, lock, asked } = await begin(context);
    refuse(NOT_SERVED);
    for (let attempt = 1; attempt <= 8; attempt++) {
      assert.ok(typeof (await run(attempt)) === "number");
      memories.ask(lock);
    }
    assert.deepEqual([isTold(), asked.includes("now")], [false, false]);
    assert.deepEqual([await run(9), isTold()], ["failed", true]);
  });

  it("knows nothing of a HelmRelease that has asked for another release meanwhile", async context => {
    const { store, lock, memories, written, run, isTold, wait } = await begin(context);
    store.register("b", release);
    await run();
    store.unregister("a", lock);
    memories.forget(lock, "a");
    store.register("a", release, PLAIN);
    assert.equal(isTold(), false);
    await run();
    assert.equal(isTold(), false, "before it was read");
    await memories.recall(lock);
    wait(1_000);
    await run();
    assert.deepEqual([isTold(), written.length], [true, 1]);
  });

  it("has a status told at the end although its memory can't be written", async context => {
    const { memories, refuse, isTold } = await begin(context);
    refuse(LOST);
    await memories.flush();
    assert.ok(isTold());
  });
});
