import type { Watch } from "../../lib/watch";
import { runController, type Controller } from "../../locker/controller";
import type { LockerProcess } from "../../locker/process";
import type { Testbed } from "../../locker/testbed";
import { isRestored, edit } from "../drift";
import type { Part, Row } from "../row";
import { inParallel, lockAll, type Seeded } from "../seed";
import { areLocked, watchObjects, withReleases } from "../stand";
import { duration } from "../statistics";

const ROUNDS = 3;

/** Milliseconds until one release is locked; to restore everything after a start, also of `npm run controller`; and after another locker has ended. */
const READY = 350;
const START = 1_000;
const CONTROLLER = 1_600;
const REPLACED = 5_000;

/** From the start of a process to the end of all drift. */
export const start: Part = {
  name: "start",
  about: "a start with one release, one with 400 drifted objects, and a replaced locker",
  run: async effort => [
    ...(await withReleases({ releases: 1, objects: 3 }, (testbed, seeded) =>
      toReady(testbed, seeded, effort.of(ROUNDS)),
    )),
    ...(await withReleases({ releases: 20, objects: 20 }, (testbed, seeded) =>
      measured(testbed, seeded, effort.of(ROUNDS)),
    )),
  ],
};

/** The start of a locker of one release, beside one of a Node.js that does nothing. */
async function toReady(testbed: Testbed, seeded: Seeded[], rounds: number): Promise<Row[]> {
  await testbed.startLocker();
  await lockAll(testbed, seeded);
  await areLocked(testbed, seeded);
  const bare: number[] = [];
  const starts: number[] = [];
  for (let round = 0; round < rounds; round++) {
    await testbed.stopLocker();
    bare.push(await timeOf(() => testbed.controlPlane.run([process.execPath, "--eval", "0"])));
    starts.push(await timeOf(() => testbed.startLocker()));
  }
  return [
    { measure: `bare Node.js, start to end, the slowest of ${rounds}`, figure: duration(Math.max(...bare)) },
    row("process start to ready, one release", starts, READY),
  ];
}

async function timeOf(work: () => Promise<unknown>): Promise<number> {
  const begun = performance.now();
  await work();
  return performance.now() - begun;
}

async function measured(testbed: Testbed, seeded: Seeded[], rounds: number): Promise<Row[]> {
  await testbed.startLocker();
  await lockAll(testbed, seeded);
  await areLocked(testbed, seeded);
  await testbed.locker.stop();
  const watch = await watchObjects(testbed);
  const names = seeded.flatMap(({ objects }) => objects);
  const starts: number[] = [];
  const byNpm: number[] = [];
  for (let round = 0; round < rounds; round++) {
    starts.push(await started(testbed, watch, names, () => testbed.spawnLocker()));
    byNpm.push(await started(testbed, watch, names, () => runController(testbed.controlPlane.kubeconfig)));
  }
  const rows = [
    row("process start to 400 drifted objects restored", starts, START),
    row("the same by npm run controller", byNpm, CONTROLLER),
  ];
  for (const signal of ["SIGTERM", "SIGKILL"] as const) {
    const times: number[] = [];
    for (let round = 0; round < rounds; round++) times.push(await replaced(testbed, watch, names, signal));
    rows.push(row(`replaced by ${signal}, with 400 changes meanwhile, to all restored`, times, REPLACED));
  }
  watch.close();
  return rows;
}

/** Milliseconds from the start of a locker until it has restored everything that had drifted before. */
async function started(
  testbed: Testbed,
  watch: Watch,
  names: readonly string[],
  run: () => LockerProcess | Controller,
): Promise<number> {
  const restored = names.map(name => isRestored(watch, name));
  await inParallel(names, name => edit(testbed, name));
  const begun = performance.now();
  const locker = run();
  locker.ready.catch(() => undefined);
  const last = Math.max(...(await Promise.all(restored)));
  await ("stop" in locker ? locker.stop() : locker.end());
  return last - begun;
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
