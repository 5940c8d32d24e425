import { setTimeout as delay } from "node:timers/promises";
import { runController } from "../../locker/controller";
import { revert } from "../drift";
import type { Testbed } from "../../locker/testbed";
import { memory as memoryOf, processesOf } from "../process";
import type { Part, Row } from "../row";
import { addForeign, lockAll, seed } from "../seed";
import { areLocked, watchObjects, withReleases } from "../stand";
import { megabytes } from "../statistics";

/** Milliseconds until a process has settled. */
const SETTLING = 15_000;

const ONE = 80e6;
const ANONYMOUS = 30e6;
const MORE = 6e6;
const FOREIGN = 5e6;

/** npm and the locker. */
const CONTROLLER = { processes: 2, memory: 160e6 };

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
      const anonymous = (): number => memoryOf(testbed.locker.pid, "RssAnon");
      const restarted = async (): Promise<number> => {
        await testbed.locker.stop();
        await testbed.startLocker();
        return settled();
      };
      // The first start compiles: an image has what comes of it.
      await testbed.startLocker();
      await testbed.locker.stop();
      await testbed.startLocker();
      await lockAll(testbed, one);
      await areLocked(testbed, one);
      const watch = await watchObjects(testbed);
      await revert(testbed, watch, one[0]?.objects[0] ?? "");
      watch.close();
      const first = await settled();
      const firstAnonymous = anonymous();
      await addForeign(testbed, 1000, 50_000);
      const withForeign = await settled();
      const withForeignRestarted = await restarted();
      const many = await seed(testbed, { releases: 20, objects: 20, prefix: "more" });
      await lockAll(testbed, many);
      await areLocked(testbed, many);
      const withMany = await settled();
      await testbed.locker.stop();
      return [
        row("one locked release", first, ONE, 0),
        row("one locked release, what is in no file", firstAnonymous, ANONYMOUS, 0),
        row("and 1,000 foreign ConfigMaps of 50 kB", withForeign, FOREIGN, first),
        row("and these, after a restart", withForeignRestarted, FOREIGN, first),
        row("and 400 more locked objects", withMany, MORE, withForeignRestarted),
        await ofController(testbed),
      ];
    }),
};

/** `npm run controller`, once it is ready. */
async function ofController({ controlPlane }: Testbed): Promise<Row> {
  const controller = runController(controlPlane.kubeconfig);
  try {
    await controller.ready;
    await delay(SETTLING);
    const processes = processesOf(controller.group);
    const all = processes.reduce((sum, pid) => sum + memoryOf(pid), 0);
    return {
      measure: "memory, npm run controller: all its processes",
      target: `${CONTROLLER.processes}, <= ${megabytes(CONTROLLER.memory)}`,
      figure: `${processes.length}, ${megabytes(all)}`,
      isMet: processes.length <= CONTROLLER.processes && all <= CONTROLLER.memory,
    };
  } finally {
    await controller.end();
  }
}

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
