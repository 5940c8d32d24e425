import { setTimeout as delay } from "node:timers/promises";
import { storm } from "../drift";
import { memory } from "../process";
import type { Part } from "../row";
import { withLocker } from "../stand";
import { megabytes } from "../statistics";

const MINUTES = 10;
const STORMS = 10;

/** How much of its peak a process may keep beyond its memory before the storm. */
const KEPT = 10e6;

/** Whether memory falls back after a storm. */
export const idle: Part = {
  name: "idle",
  about: "memory 10 idle minutes after a storm",
  onlyByName: true,
  run: () =>
    withLocker({ releases: 20, objects: 20 }, async ({ testbed, watch, names }) => {
      const { locker } = testbed;
      await delay(15_000);
      const before = memory(locker.pid);
      for (let round = 0; round < STORMS; round++) await storm(testbed, watch, names);
      const peak = memory(locker.pid, "VmHWM");
      await delay(MINUTES * 60_000);
      const after = memory(locker.pid);
      return [
        {
          measure: `memory before a storm of ${STORMS * names.length} changes, at its most, and ${MINUTES} idle minutes later`,
          target: `<= +${megabytes(KEPT)} in the end`,
          figure: [before, peak, after].map(megabytes).join(", "),
          isMet: after <= before + KEPT,
        },
      ];
    }),
};
