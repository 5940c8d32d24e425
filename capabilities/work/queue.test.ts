import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Controller, Request, Result } from "./controller";
import { Queue, type QueueOptions } from "./queue";

/** A queue, what it ran by name, and a promise of its n-th run. */
function makeQueue(options: Partial<QueueOptions> = {}) {
  const runs: string[] = [];
  const bodies = new Map<string, () => Promise<void>>();
  let wake: () => void = () => undefined;
  let answer: (attempt: number) => Result = () => undefined;
  const queue = new Queue({ workers: 1, tellers: 1, retryDelay: () => 0, isPassing: () => true, ...options });
  const controller: Controller = {
    reconcile: async ({ name }, attempt) => {
      runs.push(name);
      wake();
      await bodies.get(name)?.();
      return answer(attempt);
    },
    failed: () => undefined,
  };
  queue.serve({
    definition: controller,
    assignment: controller,
    "locker policy": controller,
    kinds: controller,
    registration: controller,
    release: controller,
    object: controller,
    rights: controller,
    admission: controller,
    rank: controller,
    memory: controller,
    status: controller,
    event: controller,
    "object event": controller,
  });
  return {
    queue,
    runs,
    request: (name: string, group = name, body?: () => Promise<void>): Request => {
      if (body) bodies.set(name, body);
      return { controller: "object", group, name };
    },
    /** Sets the answer of every run from now on; returns the attempts that were answered. */
    answers: (to: (attempt: number) => Result): number[] => {
      const attempts: number[] = [];
      answer = attempt => (attempts.push(attempt), to(attempt));
      return attempts;
    },
    ran: async (count: number) => {
      while (runs.length < count) await new Promise<void>(resolve => (wake = resolve));
    },
  };
}

describe("Queue", () => {
  it("runs first what something has happened to, also where that could wait before", async () => {
    const { queue, runs, request, ran } = makeQueue();
    const { promise: isOver, resolve: end } = Promise.withResolvers<undefined>();
    queue.add(request("running", "running", () => isOver));
    await ran(1);
    for (const name of ["a", "b", "c"]) queue.add({ ...request(name), canWait: true });
    queue.add(request("c"));
    end(undefined);
    await ran(4);
    assert.deepEqual(runs, ["running", "c", "a", "b"]);
  });

  it("hears events between runs that wait for nothing", async () => {
    const { queue, runs, request, ran } = makeQueue();
    const work = () => {
      const end = performance.now() + 1;
      while (performance.now() < end);
      return Promise.resolve();
    };
    for (let index = 0; index < 100; index++) queue.add(request(`${index}`, `${index}`, work));
    const heard = new Promise<number>(resolve =>
      setTimeout(() => {
        resolve(runs.length);
      }),
    );
    await ran(100);
    assert.ok((await heard) < 50);
  });

  it("coalesces a key that waits", async () => {
    const { queue, runs, request, ran } = makeQueue();
    for (let i = 0; i < 5; i++) queue.add(request("a"));
    queue.add(request("b"));
    await ran(2);
    assert.deepEqual(runs, ["a", "b"]);
  });

  it("runs a key once more when it was added while it ran, never twice at the same time", async () => {
    const { queue, runs, request, ran } = makeQueue({ workers: 4 });
    let running = 0;
    const body = async () => {
      assert.equal(++running, 1);
      if (runs.length === 1) for (let i = 0; i < 3; i++) queue.add(request("a", "a", body));
      await Promise.resolve();
      running--;
    };
    queue.add(request("a", "a", body));
    await ran(2);
    await queue.stop();
    assert.deepEqual(runs, ["a", "a"]);
  });

  it("knows what is due: what waits or runs, not what backs off", async () => {
    const { queue, request, ran } = makeQueue({ retryDelay: () => 60_000 });
    queue.add(request("a", "a", () => Promise.reject(new Error("no"))));
    queue.add(request("b", "b", () => new Promise(() => undefined)));
    queue.add(request("c"));
    assert.deepEqual([queue.size, queue.due], [3, 3]);
    await ran(2);
    assert.deepEqual([queue.size, queue.due], [3, 2]);
    void queue.stop();
  });

  it("lets groups take turns, in order within a group", async () => {
    const { queue, runs, request, ran } = makeQueue();
    for (const key of ["big1", "big2", "big3", "big4"]) queue.add(request(key, "big"));
    queue.add(request("small1", "small"));
    await ran(5);
    assert.deepEqual(runs, ["big1", "small1", "big2", "big3", "big4"]);
  });

  it("gives a large group three workers at most, and all of them to what is left of it", async () => {
    const { queue, runs, request, ran } = makeQueue({ workers: 8 });
    const { promise, resolve } = Promise.withResolvers<undefined>();
    const body = async () => {
      await promise;
    };
    for (let i = 0; i < 60; i++) queue.add(request(`big${i}`, "big", body));
    queue.add(request("small", "small", body));
    await ran(4);
    assert.deepEqual(runs, ["big0", "small", "big1", "big2"]);
    resolve(undefined);
    await ran(61);
    assert.equal(runs.at(-1), "big59");
  });

  it("repeats a failed task after its back-off, counting the attempts, and starts over after a success", async () => {
    const attempts: number[] = [];
    const { queue, runs, request, ran } = makeQueue({
      retryDelay: (_error, attempt) => (attempts.push(attempt), 0),
    });
    const fails = new Set([1, 2, 4]);
    const body = () => (fails.has(runs.length) ? Promise.reject(new Error("no")) : Promise.resolve());
    queue.add(request("a", "a", body));
    await ran(3);
    queue.add(request("a", "a", body));
    await ran(5);
    assert.deepEqual(attempts, [1, 2, 1]);
  });

  it("starts the back-off over when a failure is of the other sort", async () => {
    const attempts: number[] = [];
    const { queue, runs, request, ran } = makeQueue({
      retryDelay: (_error, attempt) => (attempts.push(attempt), 0),
      isPassing: error => error instanceof TypeError,
    });
    const errors = [new TypeError(), new TypeError(), new TypeError(), new Error("no"), new Error("no")];
    const body = () => {
      const error = errors[runs.length - 1];
      return error ? Promise.reject(error) : Promise.resolve();
    };
    queue.add(request("a", "a", body));
    await ran(6);
    assert.deepEqual(attempts, [1, 2, 3, 1, 2]);
  });

  it("does not let an event shorten a back-off, but retryNow ends it", async () => {
    const { queue, runs, request, ran } = makeQueue({ retryDelay: () => 3_600_000 });
    let failing = true;
    queue.add(request("a", "a", () => (failing ? Promise.reject(new Error("no")) : Promise.resolve())));
    queue.add(request("b"));
    await ran(2);
    queue.add(request("a"));
    queue.add(request("c"));
    await ran(3);
    assert.deepEqual(runs, ["a", "b", "c"]);
    failing = false;
    queue.retryNow(request("a"));
    await ran(4);
    assert.equal(runs.at(-1), "a");
  });

  it("runs at once again what fails while retryNow asks for it", async () => {
    const { queue, runs, request, ran } = makeQueue({ retryDelay: () => 3_600_000 });
    const body = () => {
      if (runs.length > 1) return Promise.resolve();
      queue.retryNow(request("a"));
      return Promise.reject(new Error("no"));
    };
    queue.add(request("a", "a", body));
    await ran(2);
    assert.deepEqual(runs, ["a", "a"]);
  });

  it("holds a key at most once", () => {
    const { queue, request } = makeQueue();
    for (let i = 0; i < 100; i++) queue.add(request(`k${i % 3}`));
    assert.equal(queue.size, 3);
  });

  it("stops after what runs, and takes nothing more", async () => {
    const { queue, runs, request, ran } = makeQueue();
    let finish: () => void = () => undefined;
    queue.add(request("a", "a", () => new Promise<void>(resolve => (finish = resolve))));
    queue.add(request("b"));
    await ran(1);
    const stopped = queue.stop();
    queue.add(request("c"));
    finish();
    await stopped;
    assert.deepEqual(runs, ["a"]);
  });

  it("knows what is still to be run, and what backs off from what may pass", async () => {
    const { queue, runs, request, ran } = makeQueue({
      retryDelay: () => 3_600_000,
      isPassing: error => error instanceof TypeError,
    });
    const told = () => [queue.isBusyWith("object"), queue.isStruckIn("object")];
    const settled = () => new Promise(resolve => setImmediate(resolve));
    assert.deepEqual(told(), [false, false]);
    queue.add(request("refused", "a", () => Promise.reject(new Error("no"))));
    assert.deepEqual(told(), [true, false]);
    await ran(1);
    await settled();
    assert.deepEqual(told(), [false, false]);
    queue.add(
      request("struck", "b", () => (runs.length > 2 ? Promise.resolve() : Promise.reject(new TypeError()))),
    );
    await ran(2);
    await settled();
    assert.deepEqual(told(), [false, true]);
    queue.retryNow(request("struck", "b"));
    assert.deepEqual(told(), [true, false]);
    await ran(3);
    await settled();
    assert.deepEqual(told(), [false, false]);
    assert.equal(queue.isBusyWith("release"), false);
    await queue.stop();
  });

  for (const [when, isEarly] of [
    ["after it has run", false],
    ["while it runs", true],
  ] as const)
    it(`runs again at news, where a run has asked for them: ${when}`, async () => {
      const { queue, runs, request, ran, answers } = makeQueue();
      answers(() => (runs.length < 2 ? { retryAfter: 3_600_000, newsAfter: 0 } : undefined));
      const body = () => {
        if (isEarly && runs.length === 1) queue.add(request("a"));
        return Promise.resolve();
      };
      queue.add(request("a", "a", body));
      await ran(1);
      await new Promise(resolve => setImmediate(resolve));
      if (!isEarly) queue.add(request("a"));
      await ran(2);
      assert.deepEqual(runs, ["a", "a"]);
    });

  it("lets news wait for as long as a run asks for", async () => {
    const { queue, runs, request, ran, answers } = makeQueue();
    answers(() => ({ retryAfter: 3_600_000, newsAfter: 3_600_000 }));
    queue.add(request("a"));
    await ran(1);
    await new Promise(resolve => setImmediate(resolve));
    queue.add(request("a"));
    queue.add(request("b"));
    await ran(2);
    assert.deepEqual(runs, ["a", "b"]);
    await queue.stop();
  });

  it("runs others beside what hangs, and runs no more of its group than its share", async context => {
    context.mock.timers.enable({ apis: ["setTimeout"] });
    const { queue, runs, request, ran } = makeQueue({ workers: 8 });
    const hang = () => new Promise<void>(() => undefined);
    for (let index = 0; index < 20; index++) queue.add(request(`hung${index}`, "hung", hang));
    await ran(5);
    context.mock.timers.tick(1_000);
    for (let index = 0; index < 8; index++) queue.add(request(`${index}`, `${index}`, hang));
    await ran(18);
    assert.equal(runs.filter(name => name.startsWith("hung")).length, 10);
  });

  it("counts anew where the reason for a failure may be gone, also of a run that is under way", async () => {
    const { queue, runs, request, ran, answers } = makeQueue();
    const attempts = answers(() => (runs.length < 3 ? { retryAfter: 0 } : undefined));
    const body = () => {
      if (runs.length === 2) queue.retryNow(request("a"));
      return Promise.resolve();
    };
    queue.add(request("a", "a", body));
    await ran(3);
    await queue.stop();
    assert.deepEqual(attempts, [1, 2, 1]);
  });

  it("runs again after the time that a run asks for", async () => {
    const { queue, runs, request, ran, answers } = makeQueue();
    const attempts = answers(attempt => (attempt < 3 ? { retryAfter: 0 } : undefined));
    queue.add(request("a"));
    await ran(3);
    assert.deepEqual(
      [runs, attempts],
      [
        ["a", "a", "a"],
        [1, 2, 3],
      ],
    );
  });
});
