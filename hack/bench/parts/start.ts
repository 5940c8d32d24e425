import { areLocked, withReleases } from "../stand";
import { isRestored, edit } from "../drift";
import { Live } from "../live";
import type { Part, Row } from "../row";
import { inParallel, lockAll, type Seeded } from "../seed";
import { duration } from "../statistics";
import { startLocker, type Locker } from "../../locker/process";
import { NAMESPACE, type Room } from "../../../test/support/room";

const ROUNDS = 3;

/** Milliseconds to restore everything after a start, and after another locker's end. */
const START = 3_500;
const REPLACED = 5_000;

/** From the start of a process to the end of all drift. */
export const start: Part = {
  name: "start",
  about: "a start with 400 drifted objects, and a replaced locker",
  run: effort =>
    withReleases({ releases: 20, objects: 20 }, (room, seeded) => measured(room, seeded, effort.of(ROUNDS))),
};

async function measured(room: Room, seeded: Seeded[], rounds: number): Promise<Row[]> {
  await room.startLocker();
  await lockAll(room, seeded);
  await areLocked(room, seeded);
  await room.locker.stop();
  const live = await Live.open(room.api, NAMESPACE);
  const names = seeded.flatMap(({ objects }) => objects);
  const starts: number[] = [];
  for (let round = 0; round < rounds; round++) starts.push(await started(room, live, names));
  const rows = [row("process start to 400 drifted objects restored", starts, START)];
  for (const signal of ["SIGTERM", "SIGKILL"] as const) {
    const times: number[] = [];
    for (let round = 0; round < rounds; round++) times.push(await replaced(room, live, names, signal));
    rows.push(row(`replaced by ${signal}, with 400 changes meanwhile, to all restored`, times, REPLACED));
  }
  live.close();
  return rows;
}

/** Milliseconds from the start of a locker until everything that had drifted before is restored. */
async function started(room: Room, live: Live, names: readonly string[]): Promise<number> {
  const restored = names.map(name => isRestored(live, name));
  await inParallel(names, name => edit(room, name));
  const locker = lockerIn(room);
  const spawned = performance.now();
  locker.ready.catch(() => undefined);
  const last = Math.max(...(await Promise.all(restored)));
  await locker.stop();
  return last - spawned;
}

/** Milliseconds from the signal to one locker until another one, started then, has restored what changed meanwhile. */
async function replaced(
  room: Room,
  live: Live,
  names: readonly string[],
  signal: "SIGTERM" | "SIGKILL",
): Promise<number> {
  const old = lockerIn(room);
  await old.ready;
  const signalled = performance.now();
  const ended = signal === "SIGTERM" ? old.stop() : old.kill();
  const successor = lockerIn(room);
  await ended;
  const restored = names.map(name => isRestored(live, name));
  await inParallel(names, name => edit(room, name));
  const last = Math.max(...(await Promise.all(restored)));
  await successor.stop();
  return last - signalled;
}

function lockerIn(room: Room): Locker {
  return startLocker({ kubeconfig: room.kubeconfig, admin: room.controlPlane.kubeconfig });
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
