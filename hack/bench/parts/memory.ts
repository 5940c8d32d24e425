import { setTimeout as delay } from "node:timers/promises";
import { NAMESPACE } from "../../../test/support/room";
import { Live } from "../live";
import { revert } from "../drift";
import { memory as memoryOf } from "../process";
import type { Part, Row } from "../row";
import { addForeign, lockAll, seed } from "../seed";
import { areLocked, withReleases } from "../stand";
import { megabytes } from "../statistics";

/** Milliseconds after which a process has settled. */
const SETTLING = 15_000;

const ONE = 105e6;
const MORE = 25e6;
const FOREIGN = 5e6;

/** How much memory the locker needs. */
export const memory: Part = {
  name: "memory",
  about: "resident memory, with more objects and with what is none of its business",
  run: () =>
    withReleases({ releases: 1, objects: 3 }, async (room, one) => {
      const settled = async (): Promise<number> => {
        await delay(SETTLING);
        return memoryOf(room.locker.pid);
      };
      const restarted = async (): Promise<number> => {
        await room.locker.stop();
        await room.startLocker();
        return settled();
      };
      await room.startLocker();
      await lockAll(room, one);
      await areLocked(room, one);
      const live = await Live.open(room.api, NAMESPACE);
      await revert(room, live, one[0]?.objects[0] ?? "");
      live.close();
      const first = await settled();
      await addForeign(room, 1000, 50_000);
      const withForeign = await settled();
      const withForeignRestarted = await restarted();
      const many = await seed(room, { releases: 20, objects: 20, prefix: "more" });
      await lockAll(room, many);
      await areLocked(room, many);
      const withMany = await settled();
      return [
        row("one locked release", first, ONE, 0),
        row("and 1,000 foreign ConfigMaps of 50 kB", withForeign, FOREIGN, first),
        row("and these, after a restart", withForeignRestarted, FOREIGN, first),
        row("and 400 more locked objects", withMany, MORE, withForeignRestarted),
      ];
    }),
};

function row(measure: string, bytes: number, most: number, base: number): Row {
  const sign = base === 0 ? "" : "+";
  return {
    measure: `memory, ${measure}`,
    target: `<= ${sign}${megabytes(most)}`,
    figure:
      base === 0
        ? megabytes(bytes)
        : `${megabytes(bytes)} (${bytes < base ? "" : "+"}${megabytes(bytes - base)})`,
    isMet: bytes - base <= most,
  };
}
