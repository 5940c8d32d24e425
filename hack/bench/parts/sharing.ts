import assert from "node:assert/strict";
import { CLAIM } from "../../locker/helm-release";
import { storm } from "../drift";
import type { Part } from "../row";
import { lockAll } from "../seed";
import { areLocked, watchObjects, withReleases } from "../stand";
import { duration } from "../statistics";

/** Two lockers that share the releases. */
export const sharing: Part = {
  name: "sharing",
  about: "two lockers that share the releases by name",
  run: () =>
    withReleases({ releases: 20, objects: 10 }, async (testbed, seeded) => {
      const halves = { left: seeded.slice(0, 10), right: seeded.slice(10) };
      const names = Object.keys(halves);
      const lockers = names.map(name => testbed.spawnLocker({ env: { HELM_LOCKER_CONTROLLER_NAME: name } }));
      await Promise.all(lockers.map(({ ready }) => ready));
      for (const [name, half] of Object.entries(halves))
        await lockAll(testbed, half, { annotations: { [CLAIM]: name } });
      await areLocked(testbed, seeded);
      const watch = await watchObjects(testbed);
      const objects = seeded.flatMap(({ objects }) => objects);
      const { answered, restored } = await storm(testbed, watch, objects);
      watch.close();
      assert.deepEqual(await Promise.all(lockers.map(locker => locker.stop())), [0, 0]);
      const reverts = lockers.map(({ logs }) => logs.filter(({ message }) => message === "reverted").length);
      const isShared = reverts.every(count => count === objects.length / 2);
      return [
        {
          measure: "200 changes, two lockers with 10 releases each: reverts of each",
          target: "100 each",
          figure: reverts.join(", "),
          isMet: isShared,
        },
        {
          measure: "the same: from the last change to all restored",
          figure: duration(Math.max(0, restored - answered)),
        },
      ];
    }),
};
