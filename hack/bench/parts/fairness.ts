import type { Testbed } from "../../locker/testbed";
import { edit, revert, storm } from "../drift";
import { measureFloor, type Floor } from "../floor";
import type { Part } from "../row";
import { addForeign, inParallel, lockAll, seed } from "../seed";
import { areLocked, withLocker } from "../stand";
import { duration, median, times } from "../statistics";

const OBJECTS = 5000;

/** How a storm in one release affects another release. */
export const fairness: Part = {
  name: "fairness",
  about: "a single change beside a storm of 5,000",
  run: effort =>
    withLocker({ releases: 1, objects: effort.of(OBJECTS) }, async ({ testbed, watch, names }) => {
      const [other] = await seed(testbed, { releases: 1, objects: 1, prefix: "other" });
      if (!other) throw new Error("nothing was seeded");
      await lockAll(testbed, [other]);
      await areLocked(testbed, [other]);
      const [object = ""] = other.objects;
      const weather = { isStormy: true };
      const storming = storm(testbed, watch, names).finally(() => (weather.isStormy = false));
      const latencies: number[] = [];
      while (weather.isStormy) latencies.push(await revert(testbed, watch, object));
      await storming;
      const floor = await measureFloor(testbed, 0);
      const stormy = await floorInStorm(testbed, names.length);
      const middle = median(latencies);
      return [
        {
          measure: `a single change of another release in a storm of ${names.length}, p50 of ${latencies.length}`,
          target: "<= 10 x floor",
          figure: `${duration(middle)}, ${times(middle, floor.total)}`,
          isMet: middle <= 10 * floor.total,
        },
        {
          measure: `the same, against the floor beside ${names.length} changes to objects that nobody locks`,
          figure: `${duration(stormy.total)}, ${times(middle, stormy.total)}`,
        },
      ];
    }),
};

/** The floor while as many unlocked objects are changed: what the changes alone cost everybody. */
async function floorInStorm(testbed: Testbed, changes: number): Promise<Floor> {
  const names = await addForeign(testbed, changes, 10);
  const storming = inParallel(names, name => edit(testbed, name));
  const floor = await measureFloor(testbed, 0);
  await storming;
  return floor;
}
