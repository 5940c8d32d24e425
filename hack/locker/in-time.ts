import { setTimeout as delay } from "node:timers/promises";
import { ANSWER_DELAY } from "../lib/answer-delay";
import type { Api } from "../lib/api";
import { configMap, configMapPath } from "../lib/objects";
import { PatienceError } from "../lib/patience";
import type { Testbed } from "./testbed";

/** How soon the locker reverts a change in a healthy cluster on an idle machine, in milliseconds. */
export const REVERT = 2_000;

/** How soon the status of a HelmRelease tells what the locker found, in the same way: it is written at most once a second. */
export const STATUS = 5_000;

/** The same for a record that is as large as one can be, or that the locker hears of some seconds late. */
export const LATE_STATUS = 10_000;

/** The same for what was changed while no locker ran, from when it is ready. */
export const AFTER_START = 5_000;

/**
 * The same where the locker first has to find that the API server answers again: it tries at least every 2 s, twice where a write waits
 * for a check. The API server itself takes some seconds to find that etcd is back.
 */
export const AFTER_OUTAGE = 10_000;

/** The same where the locker's connections have fallen silent: it notices that within 20 s. */
export const AFTER_SILENCE = 22_000;

/** The same where only connections for single requests have fallen silent, and the watches work: an answer is awaited for 30 s. */
export const AFTER_SILENT_REQUEST = 33_000;

/** The same for a kind that was not served: its watch is tried at least every 15 s. */
export const WHEN_SERVED = 17_000;

/** The same for what was refused: it is tried at least every 30 s. */
export const AFTER_REFUSAL = 32_000;

/** The same in a fight, where it may be held off for as long. */
export const FIGHT = 32_000;

/**
 * How many answers a revert may wait for, one after the other: the event, what the server makes of the object, a check that waits for one
 * under way, the write; and as much again where something changes in between.
 */
const ANSWERS = 10;

/** How much longer anything may take where answers are late on purpose, in milliseconds. */
export const LATENESS = ANSWERS * ANSWER_DELAY;

/** A write to an object that no lock tracks. */
const PROBE = configMapPath("default", "probe");

/** Milliseconds that a probe takes on an idle machine with two cores, that one computes, and between two probes. */
const IDLE = 5;
const COMPUTED = 10;
const PAUSE = 250;

/**
 * Waits for what the locker makes of an object, as long as it promises to take: on a slow machine, that is longer by as
 * much as probe writes, or computing, take longer on average while this waits; where answers are late on purpose, by a
 * multiple of that.
 *
 * @param path of the object
 * @param bound of the promise, in milliseconds
 * @throws PatienceError with the bound, the slowness and the object
 */
export async function inTime<T>(
  { api }: Pick<Testbed, "api">,
  path: string,
  awaited: Promise<T>,
  bound = REVERT,
): Promise<T> {
  const over = new AbortController();
  const late = untilLate(api, path, bound, over.signal);
  try {
    return await Promise.race([awaited, late]);
  } finally {
    over.abort();
    await Promise.allSettled([late]);
  }
}

/** Rejects when the time is over, or by the signal. */
async function untilLate(api: Api, path: string, bound: number, over: AbortSignal): Promise<never> {
  const start = performance.now();
  let [probed, computed] = [0, 0];
  for (let probes = 1; ; probes++) {
    await delay(PAUSE, undefined, { signal: over });
    probed += await probe(api);
    computed += compute();
    const slowness = Math.max(1, probed / probes / IDLE, computed / probes / COMPUTED);
    const waited = performance.now() - start;
    if (waited < bound * slowness + LATENESS) continue;
    const state = JSON.stringify(await api.get(path));
    throw new PatienceError(
      `waited ${Math.round(waited)} ms for what is promised in ${bound} ms, at slowness ${slowness.toFixed(1)}; ${path} is ${state}`,
    );
  }
}

/** Computes as long as a probe does: a record that is being read waits for no server. @returns milliseconds */
function compute(): number {
  const start = performance.now();
  const before = process.threadCpuUsage();
  for (let used = 0; used < COMPUTED * 1000; ) {
    const { user, system } = process.threadCpuUsage(before);
    used = user + system;
  }
  return performance.now() - start;
}

/** Makes a probe write. @returns milliseconds */
async function probe(api: Api): Promise<number> {
  const start = performance.now();
  await api.apply(PROBE, configMap("probe", { at: String(start) }), "probe");
  return performance.now() - start;
}
