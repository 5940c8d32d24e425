import { configMap, configMapPath, type Body } from "../../lib/objects";
import { until } from "../../lib/watch";
import { ask, helmReleasePath, says, statusOf } from "../../locker/helm-release";
import { NAMESPACE, type Testbed } from "../../locker/testbed";
import { inParallel, type Seeded } from "../seed";
import type { Part, Row } from "../row";
import { withLocker, type Stand } from "../stand";
import { duration, median } from "../statistics";

const RELEASES = 300;
const WRITES = 400;

/** An object of Helm's that nobody locks: policies have to look whether somebody does. */
const FOREIGN = configMapPath(NAMESPACE, "foreign");

/** More than without any policy, a write may take this many milliseconds, or this share, whichever is more. */
const MOST = { milliseconds: 0.5, share: 0.2 };

/** What a write costs that is none of the locks' business, with the policies of admission and without. */
export const admission: Part = {
  name: "admission",
  about: "a foreign write beside locked releases, with admission Ignore, Warn and Deny",
  run: effort =>
    withLocker({ releases: RELEASES, objects: 1 }, async stand => {
      const { api } = stand.testbed;
      await api.create(configMapPath(NAMESPACE, "").slice(0, -1), foreign());
      await written(stand.testbed, effort.of(WRITES));
      const without = await written(stand.testbed, effort.of(WRITES));
      const rows: Row[] = [
        { measure: `a foreign write beside ${RELEASES} locked releases, Ignore`, figure: duration(without) },
      ];
      for (const [action, count] of [
        ["Warn", 10],
        ["Warn", RELEASES],
        ["Deny", 10],
        ["Deny", RELEASES],
        ["Ignore", RELEASES],
      ] as const) {
        await askOf(stand, action, count);
        rows.push(row(action, count, await written(stand.testbed, effort.of(WRITES)), without));
      }
      return rows;
    }),
};

function row(action: string, count: number, took: number, without: number): Row {
  const most = without + Math.max(MOST.milliseconds, MOST.share * without);
  const ofHow = action === "Ignore" ? "none of them, with the policies there" : `${count} of them ${action}`;
  return {
    measure: `the same, ${ofHow}`,
    target: `<= ${duration(most)}`,
    figure: duration(took),
    isMet: took <= most,
  };
}

function foreign(): Body {
  const labels = { "app.kubernetes.io/managed-by": "Helm" };
  const annotations = { "meta.helm.sh/release-name": "foreign", "meta.helm.sh/release-namespace": NAMESPACE };
  return configMap("foreign", { color: "blue" }, { labels, annotations });
}

/** Has the first releases ask for an action, and all others for none. */
async function askOf({ testbed, seeded }: Stand, action: string, count: number): Promise<void> {
  const asked = seeded.map((one, index) => ({ ...one, action: index < count ? action : "Ignore" }));
  await inParallel(asked, ({ release, action }) => ask(testbed, release, { admission: { action } }));
  for (const one of asked) await isSo(testbed, one);
}

async function isSo(testbed: Testbed, { release, action }: Seeded & { action: string }): Promise<void> {
  await until(testbed.api, helmReleasePath(release), object => {
    const status = statusOf(object);
    const isJudged = status.conditions.some(({ type }) => type === "Admission");
    return action === "Ignore" ? !isJudged : says(status, "Admission", "True", action);
  });
}

/** @returns the median time of a write, in milliseconds */
async function written({ api }: Testbed, writes: number): Promise<number> {
  const took: number[] = [];
  for (let count = 0; count < writes; count++) {
    const began = performance.now();
    await api.edit(`${FOREIGN}?fieldManager=kubectl-edit`, { data: { color: String(Math.random()) } });
    took.push(performance.now() - began);
  }
  return median(took);
}
