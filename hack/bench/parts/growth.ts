import { setTimeout as delay } from "node:timers/promises";
import { NAMESPACE } from "../../../test/support/room";
import { revert } from "../drift";
import { Live } from "../live";
import { memory } from "../process";
import type { Part, Row } from "../row";
import { addForeign, lockAll } from "../seed";
import { areLocked, withReleases } from "../stand";
import { duration, median, megabytes } from "../statistics";

const FACTORS = [1, 4, 16];
const REVERTS = 100;

/** What grows: objects of each release, releases, ConfigMaps of 10 kB that nobody tracks. */
const AXES = ["objects", "releases", "foreign"] as const;

/** How the measures grow with what there is. */
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
  return withReleases(size, async (room, seeded) => {
    await addForeign(room, size.foreign, 10_000);
    await room.startLocker();
    await lockAll(room, seeded);
    await areLocked(room, seeded);
    await room.locker.stop();
    const began = performance.now();
    await room.startLocker();
    const start = performance.now() - began;
    const live = await Live.open(room.api, NAMESPACE);
    const latencies: number[] = [];
    for (let done = 0; done < REVERTS; done++) {
      await delay(30);
      const { objects } = seeded[done % seeded.length] ?? { objects: [] };
      latencies.push(await revert(room, live, objects[0] ?? ""));
    }
    live.close();
    const rss = memory(room.locker.pid);
    return {
      measure: `${size.releases} releases x ${size.objects} objects, ${size.foreign} foreign: start, revert p50, memory`,
      figure: `${duration(start)}, ${duration(median(latencies))}, ${megabytes(rss)}`,
    };
  });
}
