import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Queue, type QueueOptions, type Task } from "./queue";

function makeQueue(options: Partial<QueueOptions> = {}): Queue {
  return new Queue({ workers: 1, retryDelay: () => 0, ...options });
}

/** A task that records its runs, and a promise of its n-th run. */
function recorder() {
  const runs: string[] = [];
  let wake: () => void = () => undefined;
  return {
    runs,
    task: (key: string, group = key, body: () => Promise<void> = () => Promise.resolve()): Task => ({
      key,
      group,
      run: async () => {
        runs.push(key);
        wake();
        await body();
      },
      failed: () => undefined,
    }),
    ran: async (count: number) => {
      while (runs.length < count) await new Promise<void>(resolve => (wake = resolve));
    },
  };
}

describe("Queue", () => {
  it("coalesces a key that waits", async () => {
    const { runs, task, ran } = recorder();
    const queue = makeQueue();
    for (let i = 0; i < 5; i++) queue.add(task("a"));
    queue.add(task("b"));
    await ran(2);
    assert.deepEqual(runs, ["a", "b"]);
  });

  it("runs a key once more when it was added while it ran, never twice at the same time", async () => {
    const { runs, task, ran } = recorder();
    const queue = makeQueue({ workers: 4 });
    let running = 0;
    const body = async () => {
      assert.equal(++running, 1);
      if (runs.length === 1) for (let i = 0; i < 3; i++) queue.add(task("a", "a", body));
      await Promise.resolve();
      running--;
    };
    queue.add(task("a", "a", body));
    await ran(2);
    await queue.stop();
    assert.deepEqual(runs, ["a", "a"]);
  });

  it("lets groups take turns, in order within a group", async () => {
    const { runs, task, ran } = recorder();
    const queue = makeQueue();
    for (const key of ["big1", "big2", "big3", "big4"]) queue.add(task(key, "big"));
    queue.add(task("small1", "small"));
    await ran(5);
    assert.deepEqual(runs, ["big1", "small1", "big2", "big3", "big4"]);
  });

  it("gives a large group three workers at most, and all of them to what is left of it", async () => {
    const { runs, task, ran } = recorder();
    const queue = makeQueue({ workers: 8 });
    const { promise, resolve } = Promise.withResolvers<undefined>();
    const body = async () => {
      await promise;
    };
    for (let i = 0; i < 60; i++) queue.add(task(`big${i}`, "big", body));
    queue.add(task("small", "small", body));
    await ran(4);
    assert.deepEqual(runs, ["big0", "small", "big1", "big2"]);
    resolve(undefined);
    await ran(61);
    assert.equal(runs.at(-1), "big59");
  });

  it("repeats a failed task after its back-off, counting the attempts, and starts over after a success", async () => {
    const attempts: number[] = [];
    const { runs, task, ran } = recorder();
    const queue = makeQueue({ retryDelay: (_error, attempt) => (attempts.push(attempt), 0) });
    const fails = new Set([1, 2, 4]);
    const body = () => (fails.has(runs.length) ? Promise.reject(new Error("no")) : Promise.resolve());
    queue.add(task("a", "a", body));
    await ran(3);
    queue.add(task("a", "a", body));
    await ran(5);
    assert.deepEqual(attempts, [1, 2, 1]);
  });

  it("does not let an event shorten a back-off, but retryNow ends it", async () => {
    const { runs, task, ran } = recorder();
    const queue = makeQueue({ retryDelay: () => 3_600_000 });
    let failing = true;
    queue.add(task("a", "a", () => (failing ? Promise.reject(new Error("no")) : Promise.resolve())));
    queue.add(task("b"));
    await ran(2);
    queue.add(task("a"));
    queue.add(task("c"));
    await ran(3);
    assert.deepEqual(runs, ["a", "b", "c"]);
    failing = false;
    queue.retryNow("a");
    await ran(4);
    assert.equal(runs.at(-1), "a");
  });

  it("runs at once again what fails while retryNow asks for it", async () => {
    const { runs, task, ran } = recorder();
    const queue = makeQueue({ retryDelay: () => 3_600_000 });
    const body = () => {
      if (runs.length > 1) return Promise.resolve();
      queue.retryNow("a");
      return Promise.reject(new Error("no"));
    };
    queue.add(task("a", "a", body));
    await ran(2);
    assert.deepEqual(runs, ["a", "a"]);
  });

  it("holds a key at most once", () => {
    const { task } = recorder();
    const queue = makeQueue();
    for (let i = 0; i < 100; i++) queue.add(task(`k${i % 3}`));
    assert.equal(queue.size, 3);
  });

  it("stops after what runs, and takes nothing more", async () => {
    const { runs, task, ran } = recorder();
    const queue = makeQueue();
    let finish: () => void = () => undefined;
    queue.add(task("a", "a", () => new Promise<void>(resolve => (finish = resolve))));
    queue.add(task("b"));
    await ran(1);
    const stopped = queue.stop();
    queue.add(task("c"));
    finish();
    await stopped;
    assert.deepEqual(runs, ["a"]);
  });
});
