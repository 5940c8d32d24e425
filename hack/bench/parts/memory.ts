import { setTimeout as delay } from "node:timers/promises";
import { revert } from "../drift";
import { memory as memoryOf } from "../process";
import type { Part, Row } from "../row";
import { addForeign, lockAll, seed } from "../seed";
import { areLocked, watchObjects, withReleases } from "../stand";
import { megabytes } from "../statistics";

/** Milliseconds until a process has settled. */
const SETTLING = 15_000;

const ONE = 105e6;
const MORE = 25e6;
const FOREIGN = 5e6;

/** How much memory the locker needs. */
export const memory: Part = {
  name: "memory",
  about: "resident memory, with more objects and with what is none of its business",
  run: () =>
    withReleases({ releases: 1, objects: 3 }, async (testbed, one) => {
      const settled = async (): Promise<number> => {
        await delay(SETTLING);
        return memoryOf(testbed.locker.pid);
      };
      const restarted = async (): Promise<number> => {
        await testbed.locker.stop();
        await testbed.startLocker();
        return settled();
      };
      await testbed.startLocker();
      await lockAll(testbed, one);
      await areLocked(testbed, one);
      const watch = await watchObjects(testbed);
      await revert(testbed, watch, one[0]?.objects[0] ?? "");
      watch.close();
      const first = await settled();
      await addForeign(testbed, 1000, 50_000);
      const withForeign = await settled();
      const withForeignRestarted = await restarted();
      const many = await seed(testbed, { releases: 20, objects: 20, prefix: "more" });
      await lockAll(testbed, many);
      await areLocked(testbed, many);
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
