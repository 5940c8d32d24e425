import assert from "node:assert/strict";
import { breaches, writesOf } from "../audit";
import type { Room } from "../room";
import { isAsked, type Batch } from "./operations";
import { comeToRest } from "./rest";
import { World } from "./world";

/** How many of the locker's last log lines a failure shows. */
const LOG_LINES = 40;

const AT_REST = "-- all is at rest";

/** How much happened in a run. */
export interface Tally {
  /** The operations that were possible. */
  operations: number;
  batches: number;
  /** What the locker wrote to tracked objects. */
  writes: number;
}

/** A run in which something was wrong; `cause` says what. */
export class ChaosError extends Error {
  override readonly name = "ChaosError";
}

/**
 * Plays a run in its own namespace. After every batch, checks that locked releases are as Helm's manifest says, and
 * that everything else is as it was left. At the end, checks that the audit log shows no breach of Helm's precedence.
 *
 * @param room in which no locker runs
 * @throws ChaosError
 */
export async function play(room: Room, namespace: string, batches: readonly Batch[]): Promise<Tally> {
  const begin = (await room.controlPlane.auditLog()).length;
  const done: string[] = [];
  let world: World | undefined;
  try {
    world = await World.open(room, namespace);
    await comeToRest(world);
    for (const batch of batches) {
      await perform(world, batch, done);
      await comeToRest(world);
      done.push(AT_REST);
    }
    await world.close();
    const faults = await room.faults();
    const log = (await room.controlPlane.auditLog()).slice(begin).map(event => faults.asSeen(event));
    assert.deepEqual(breaches(log, room.lockerUser), []);
    const writes = writesOf(log, room.lockerUser);
    assert.deepEqual(
      world.silences.flatMap(silence => silence.breaches(writes)),
      [],
    );
    const operations = done.filter(words => words !== AT_REST).length;
    return { batches: batches.length, operations, writes: writes.length };
  } catch (cause) {
    await world?.hands.letGo();
    world?.weather.clear();
    await room.locker.stop();
    const log = room.locker.logs.slice(-LOG_LINES).map(line => JSON.stringify(line));
    throw new ChaosError(["what was done:", ...done, "the locker's last lines:", ...log].join("\n"), {
      cause,
    });
  }
}

async function perform(world: World, batch: Batch, done: string[]): Promise<void> {
  for (const operation of batch) {
    done.push(JSON.stringify(operation));
    if (!(await world.perform(operation))) done.pop();
    // Only a locker that has noticed that it no longer has to keep something can be expected to leave alone what comes next.
    else if (isAsked(operation) && world.isUncertain) await comeToRest(world);
  }
}
