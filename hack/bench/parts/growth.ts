import { setTimeout as delay } from "node:timers/promises";
import { revert } from "../drift";
import { memory } from "../process";
import type { Part, Row } from "../row";
import { addForeign, lockAll } from "../seed";
import { areLocked, watchObjects, withReleases } from "../stand";
import { duration, median, megabytes } from "../statistics";

const FACTORS = [1, 4, 16];
const REVERTS = 100;

/** What grows: objects of each release, releases, ConfigMaps of 10 kB that nobody tracks. */
const AXES = ["objects", "releases", "foreign"] as const;

/** How the measures grow with the number of objects, releases and foreign ConfigMaps. */
export const growth: Part = {
  name: "growth",
  about: "start, revert and memory at 1, 4 and 16 times as much",
  onlyByName: true,
  run: async () => {
    const rows: Row[] = [];
    for (const axis of AXES) for (const factor of FACTORS) rows.push(await at(axis, factor));
    return rows;
  },
};

function at(axis: (typeof AXES)[number], factor: number): Promise<Row> {
  const size = {
    objects: 20,
    releases: 10,
    foreign: 200,
    [axis]: { objects: 20, releases: 10, foreign: 200 }[axis] * factor,
  };
  return withReleases(size, async (testbed, seeded) => {
    await addForeign(testbed, size.foreign, 10_000);
    await testbed.startLocker();
    await lockAll(testbed, seeded);
    await areLocked(testbed, seeded);
    await testbed.locker.stop();
    const began = performance.now();
    await testbed.startLocker();
    const start = performance.now() - began;
    const watch = await watchObjects(testbed);
    const latencies: number[] = [];
    for (let done = 0; done < REVERTS; done++) {
      await delay(30);
      const { objects } = seeded[done % seeded.length] ?? { objects: [] };
      latencies.push(await revert(testbed, watch, objects[0] ?? ""));
    }
    watch.close();
    const rss = memory(testbed.locker.pid);
    return {
      measure: `${size.releases} releases x ${size.objects} objects, ${size.foreign} foreign: start, revert p50, memory`,
      figure: `${duration(start)}, ${duration(median(latencies))}, ${megabytes(rss)}`,
    };
  });
}
