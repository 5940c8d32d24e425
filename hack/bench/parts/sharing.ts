import assert from "node:assert/strict";
import { startLocker } from "../../locker/process";
import { NAMESPACE } from "../../../test/support/room";
import { storm } from "../drift";
import { Live } from "../live";
import type { Part } from "../row";
import { lockAll } from "../seed";
import { areLocked, withReleases } from "../stand";
import { duration } from "../statistics";

const CLAIM = "helmreleases.cattle.io/managed-by";

/** Two lockers that share the releases. */
export const sharing: Part = {
  name: "sharing",
  about: "two lockers that share the releases by name",
  run: () =>
    withReleases({ releases: 20, objects: 10 }, async (room, seeded) => {
      const options = { kubeconfig: room.kubeconfig, admin: room.controlPlane.kubeconfig };
      const halves = { left: seeded.slice(0, 10), right: seeded.slice(10) };
      const names = Object.keys(halves);
      const lockers = names.map(name =>
        startLocker({ ...options, env: { HELM_LOCKER_CONTROLLER_NAME: name } }),
      );
      await Promise.all(lockers.map(({ ready }) => ready));
      for (const [name, half] of Object.entries(halves))
        await lockAll(room, half, { annotations: { [CLAIM]: name } });
      await areLocked(room, seeded);
      const live = await Live.open(room.api, NAMESPACE);
      const objects = seeded.flatMap(({ objects }) => objects);
      const { answered, restored } = await storm(room, live, objects);
      live.close();
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
