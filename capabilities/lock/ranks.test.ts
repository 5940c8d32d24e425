import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ApiError, ConflictError, ForbiddenError, NetworkError } from "../cluster/errors";
import { Rank } from "../standby/rank";
import { toRank } from "../state/requests";
import { RankController } from "./ranks";

/** A locker, and the places that others hold. */
function ranked(...taken: number[]) {
  const others = new Set(taken);
  const calls: string[] = [];
  let failure: Error | undefined;
  let refusals = 0;
  let succeeded = 0;
  const attempt = (call: string, place: number): Promise<void> => {
    calls.push(`${call} ${place}`);
    const isTaken = others.has(place) || refusals-- > 0;
    const error = failure ?? (isTaken ? new ConflictError(409, "Conflict", "taken") : undefined);
    return error ? Promise.reject(error) : Promise.resolve();
  };
  const rank = new Rank(false);
  const controller = new RankController({
    rank,
    places: {
      isFree: place => (failure ? Promise.reject(failure) : Promise.resolve(!others.has(place))),
      take: place => attempt("take", place),
      leave: place => attempt("leave", place),
    },
    queue: { add: () => undefined },
    reporter: { info: () => undefined, troubled: () => undefined },
    succeed: () => succeeded++,
  });
  return {
    rank,
    others,
    calls,
    controller,
    fail: (error: Error | undefined) => (failure = error),
    refuse: (times: number) => (refusals = times),
    succeeded: () => succeeded,
  };
}

describe("the rank of a locker", () => {
  it("is the first free place, and better once one before it is free", async () => {
    const { rank, others, calls, controller, succeeded } = ranked(0);
    await controller.reconcile();
    assert.deepEqual([rank.place, rank.isFirst, rank.patience], [1, false, 300]);
    others.delete(0);
    await controller.reconcile();
    assert.deepEqual([rank.place, rank.isFirst, rank.patience], [0, true, 0]);
    assert.deepEqual(calls, ["take 1", "take 0", "leave 1"]);
    assert.equal(succeeded(), 1);
  });

  it("is renewed, and has it succeed once", async () => {
    const { calls, controller, succeeded } = ranked();
    await controller.reconcile();
    await controller.reconcile();
    assert.deepEqual(calls, ["take 0", "take 0"]);
    assert.equal(succeeded(), 1);
  });

  it("is lost to whoever took it meanwhile", async () => {
    const { rank, others, controller } = ranked();
    await controller.reconcile();
    others.add(0);
    await assert.rejects(controller.reconcile(), (error: unknown) => {
      controller.failed(toRank(), error);
      return error instanceof ConflictError;
    });
    assert.equal(rank.isFirst, false);
    await controller.reconcile();
    assert.equal(rank.place, 1);
  });

  it("holds while the API server does not answer, until others may have taken it", async t => {
    const { rank, fail, controller, succeeded } = ranked();
    await controller.reconcile();
    fail(new NetworkError("no answer"));
    await assert.rejects(controller.reconcile());
    controller.failed(toRank(), new NetworkError("no answer"));
    assert.equal(rank.isFirst, true);
    const later = performance.now() + 15_001;
    t.mock.method(performance, "now", () => later);
    assert.equal(rank.isFirst, false);
    fail(undefined);
    await controller.reconcile();
    assert.deepEqual([rank.isFirst, succeeded()], [true, 2]);
  });

  it("outlives what somebody else writes to its Lease", async () => {
    const { rank, controller, refuse, succeeded } = ranked();
    await controller.reconcile();
    refuse(1);
    await controller.reconcile();
    assert.deepEqual([rank.isFirst, succeeded()], [true, 1]);
  });

  it("is asked for again where it was lost while it was renewed", async t => {
    const { rank, controller, succeeded } = ranked();
    await controller.reconcile();
    const now = performance.now();
    t.mock.method(performance, "now", () => now + 15_001);
    await controller.reconcile();
    assert.deepEqual([rank.isFirst, succeeded()], [true, 2]);
  });

  it("is the first where the API server answers, and can't keep places for half a minute", async t => {
    const { rank, controller } = ranked(0);
    await controller.reconcile();
    const broken = new ApiError(500, "InternalError", "failed calling webhook");
    controller.failed(toRank(), broken);
    assert.equal(rank.isFirst, false);
    const later = performance.now() + 30_001;
    t.mock.method(performance, "now", () => later);
    controller.failed(toRank(), new NetworkError("no answer"));
    assert.equal(rank.isFirst, false);
    controller.failed(toRank(), broken);
    assert.equal(rank.isFirst, true);
  });

  it("is the first where no rank can be had: to tell twice is better than not at all", () => {
    const { rank, controller, succeeded } = ranked();
    controller.failed(toRank(), new ForbiddenError(403, "Forbidden", "leases"));
    assert.deepEqual([rank.isFirst, succeeded()], [true, 1]);
  });

  it("is none where all places are taken, and costs no more than 900 ms", async () => {
    const { rank, controller } = ranked(...Array(10).keys());
    await controller.reconcile();
    assert.deepEqual([rank.isFirst, rank.place], [false, 1]);
    const fourth = new Rank(false);
    fourth.take(9);
    assert.equal(fourth.patience, 900);
  });

  it("is left at the end", async () => {
    const { calls, controller } = ranked();
    await controller.reconcile();
    await controller.stop();
    assert.deepEqual(calls, ["take 0", "leave 0"]);
  });
});
