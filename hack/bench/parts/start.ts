import type { Watch } from "../../lib/watch";
import type { Testbed } from "../../locker/testbed";
import { isRestored, edit } from "../drift";
import type { Part, Row } from "../row";
import { inParallel, lockAll, type Seeded } from "../seed";
import { areLocked, watchObjects, withReleases } from "../stand";
import { duration } from "../statistics";

const ROUNDS = 3;

/** Milliseconds to restore everything after a start, or after another locker has ended. */
const START = 3_500;
const REPLACED = 5_000;

/** From the start of a process to the end of all drift. */
export const start: Part = {
  name: "start",
  about: "a start with 400 drifted objects, and a replaced locker",
  run: effort =>
    withReleases({ releases: 20, objects: 20 }, (testbed, seeded) =>
      measured(testbed, seeded, effort.of(ROUNDS)),
    ),
};

async function measured(testbed: Testbed, seeded: Seeded[], rounds: number): Promise<Row[]> {
  await testbed.startLocker();
  await lockAll(testbed, seeded);
  await areLocked(testbed, seeded);
  await testbed.locker.stop();
  const watch = await watchObjects(testbed);
  const names = seeded.flatMap(({ objects }) => objects);
  const starts: number[] = [];
  for (let round = 0; round < rounds; round++) starts.push(await started(testbed, watch, names));
  const rows = [row("process start to 400 drifted objects restored", starts, START)];
  for (const signal of ["SIGTERM", "SIGKILL"] as const) {
    const times: number[] = [];
    for (let round = 0; round < rounds; round++) times.push(await replaced(testbed, watch, names, signal));
    rows.push(row(`replaced by ${signal}, with 400 changes meanwhile, to all restored`, times, REPLACED));
  }
  watch.close();
  return rows;
}

/** Milliseconds from the start of a locker until it has restored everything that had drifted before. */
async function started(testbed: Testbed, watch: Watch, names: readonly string[]): Promise<number> {
  const restored = names.map(name => isRestored(watch, name));
  await inParallel(names, name => edit(testbed, name));
  const locker = testbed.spawnLocker();
  const spawned = performance.now();
  locker.ready.catch(() => undefined);
  const last = Math.max(...(await Promise.all(restored)));
  await locker.stop();
  return last - spawned;
}

/** Milliseconds from the signal to one locker until another one, started then, has restored what changed meanwhile. */
async function replaced(
  testbed: Testbed,
  watch: Watch,
  names: readonly string[],
  signal: "SIGTERM" | "SIGKILL",
): Promise<number> {
  const old = testbed.spawnLocker();
  await old.ready;
  const signalled = performance.now();
  const ended = signal === "SIGTERM" ? old.stop() : old.kill();
  const successor = testbed.spawnLocker();
  await ended;
  const restored = names.map(name => isRestored(watch, name));
  await inParallel(names, name => edit(testbed, name));
  const last = Math.max(...(await Promise.all(restored)));
  await successor.stop();
  return last - signalled;
}

function row(measure: string, times: readonly number[], most: number): Row {
  const slowest = Math.max(...times);
  return {
    measure: `${measure}, the slowest of ${times.length}`,
    target: `<= ${duration(most)}`,
    figure: duration(slowest),
    isMet: slowest <= most,
  };
}
