import { setTimeout as delay } from "node:timers/promises";
import { cpu } from "../process";
import { requestsOf } from "../requested";
import type { Part } from "../row";
import { lockAll, type Size } from "../seed";
import { areLocked, withReleases } from "../stand";

const LARGE: Size = { releases: 1000, objects: 20 };

/** Seconds of a round here, and by default, over which its cost spreads. */
const ROUND = 60;
const DEFAULT = 600;

/** Rounds that are measured, after those in which the start has settled. */
const ROUNDS = 2;
const SETTLING = 1;

const REQUESTS = 1;
const CPU = 0.01;

/** What it costs to compare everything that watches follow with lists. */
export const resync: Part = {
  name: "resync",
  about: "1,000 releases, 20,000 objects: the cost of comparing them with lists",
  onlyByName: true,
  run: () =>
    withReleases(LARGE, async (testbed, seeded) => {
      const env = { HELM_LOCKER_RESYNC_INTERVAL: String(ROUND) };
      await testbed.startLocker({ env });
      await lockAll(testbed, seeded);
      await areLocked(testbed, seeded);
      await delay(SETTLING * ROUND * 1000);
      const before = { requests: await calls(), cpu: cpu(testbed.locker.pid) };
      await delay(ROUNDS * ROUND * 1000);
      const each = (figure: number): number => figure / ROUNDS / DEFAULT;
      const requests = each((await calls()) - before.requests);
      const share = each(cpu(testbed.locker.pid) - before.cpu) / 1000;
      return [
        {
          measure: `requests a second, of a round in ${DEFAULT} s`,
          target: `<= ${REQUESTS}`,
          figure: requests.toFixed(2),
          isMet: requests <= REQUESTS,
        },
        {
          measure: "processor time, of one core, with all that an idle locker does in a round",
          target: `<= ${CPU * 100} %`,
          figure: `${(share * 100).toFixed(2)} %`,
          isMet: share <= CPU,
        },
      ];

      async function calls(): Promise<number> {
        return (await requestsOf(testbed)).filter(({ verb }) => verb !== "watch").length;
      }
    }),
};
