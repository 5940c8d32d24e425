import type { Locker } from "../locker/process";
import { untilStatus } from "../locker/helm-release";
import { NAMESPACE, Room } from "../../test/support/room";
import { Live } from "./live";
import { lockAll, seed, type Seeded, type Size } from "./seed";

/** A control plane with locked releases, their locker, and an open watch on their objects. */
export interface Stand {
  readonly room: Room;
  readonly live: Live;
  readonly seeded: readonly Seeded[];
  /** Names of all objects. */
  readonly names: readonly string[];
  /** The locker that runs now. */
  readonly locker: Locker;
}

/** Runs work in a control plane of its own, with releases in it, and no locker yet. */
export async function withReleases<T>(
  size: Size,
  work: (room: Room, seeded: Seeded[]) => Promise<T>,
): Promise<T> {
  const room = await Room.withoutLocker();
  try {
    return await work(room, await seed(room, size));
  } finally {
    await room.leave();
  }
}

/** Runs work on a stand whose releases are all locked. */
export function withLocker<T>(size: Size, work: (stand: Stand) => Promise<T>): Promise<T> {
  return withReleases(size, async (room, seeded) => {
    await room.startLocker();
    await lockAll(room, seeded);
    await areLocked(room, seeded);
    const live = await Live.open(room.api, NAMESPACE);
    const names = seeded.flatMap(({ objects }) => objects);
    const stand = {
      room,
      live,
      seeded,
      names,
      get locker() {
        return room.locker;
      },
    };
    try {
      return await work(stand);
    } finally {
      live.close();
    }
  });
}

/** Waits until releases are locked. */
export async function areLocked(room: Room, seeded: readonly Seeded[]): Promise<void> {
  for (const { release } of seeded)
    await untilStatus(room, release, ({ state, conditions }) => {
      const locked = conditions.find(({ type }) => type === "Locked");
      return state === "Deployed" && locked?.status === "True";
    });
}
