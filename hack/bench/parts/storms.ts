import { setTimeout as delay } from "node:timers/promises";
import { configMap, configMapPath } from "../../lib/objects";
import { NAMESPACE, type Testbed } from "../../locker/testbed";
import { storm } from "../drift";
import { connections } from "../process";
import { openWatches } from "../requested";
import type { Effort, Part, Row } from "../row";
import { inParallel, lockAll, seed } from "../seed";
import { areLocked, withLocker, type Stand } from "../stand";
import { duration, times } from "../statistics";

const ROUNDS = 5;

/** How many times what as many writes take a storm may take, from its last change and from its first. */
const FROM_LAST = 1.5;
const FROM_FIRST = 2;

/** Number of reverts after which connections are counted. */
const MANY = 1000;

/** Milliseconds until unused connections are closed. */
const SETTLING = 100_000;

/** Connections besides watches. */
const MOST_REQUESTS = 10;

/** Many changes at once. */
export const storms: Part = {
  name: "storms",
  about: "many changes at once",
  run: effort => withLocker({ releases: 20, objects: 10 }, stand => measured(stand, effort)),
};

async function measured(stand: Stand, effort: Effort): Promise<Row[]> {
  const { testbed, watch, names } = stand;
  const port = Number(new URL(testbed.controlPlane.server).port);
  const [large] = await seed(testbed, { releases: 1, objects: 20, prefix: "large" });
  if (!large) throw new Error("nothing was seeded");
  await lockAll(testbed, [large]);
  await areLocked(testbed, [large]);
  const rows = [
    ...(await rounds(stand, "200 objects of 20 releases", names, effort)),
    ...(await rounds(stand, "20 objects of one release", large.objects, effort)),
  ];
  const reverts = effort.of(MANY);
  for (let done = 0; done < reverts; done += names.length) await storm(testbed, watch, names);
  // Connections that Pepr's start leaves open are closed after 90 s; in a last storm, the locker opens its own again.
  await delay(effort.of(SETTLING));
  await storm(testbed, watch, names);
  const [open, watches] = [connections(testbed.locker.pid, port), await openWatches(testbed)];
  return [
    ...rows,
    {
      measure: `connections after ${reverts} reverts`,
      target: `<= watches + ${MOST_REQUESTS}`,
      figure: `${open}, of them ${watches} watches`,
      isMet: open <= watches + MOST_REQUESTS,
    },
  ];
}

/** Storms over the same objects; a lost change ends the benchmark. */
async function rounds(
  { testbed, watch }: Stand,
  what: string,
  names: readonly string[],
  effort: Effort,
): Promise<Row[]> {
  const stormed: Stormed[] = [];
  for (let round = 0; round < effort.of(ROUNDS); round++) {
    const writes = await timeOfWrites(testbed, names);
    const { sent, answered, restored } = await storm(testbed, watch, names);
    stormed.push({ writes, last: Math.max(0, restored - answered), first: restored - sent });
  }
  return [slowest(what, stormed, "last", FROM_LAST), slowest(what, stormed, "first", FROM_FIRST)];
}

/** Milliseconds of a storm, and of as many writes. */
interface Stormed {
  readonly writes: number;
  /** From its first change, and from the answer to its last one, until everything is restored. */
  readonly first: number;
  readonly last: number;
}

function slowest(what: string, stormed: readonly Stormed[], from: "first" | "last", most: number): Row {
  const ratio = (one: Stormed): number => one[from] / one.writes;
  const worst = stormed.reduce((one, other) => (ratio(other) > ratio(one) ? other : one));
  return {
    measure: `storm, ${what}, the slowest of ${stormed.length}: from the ${from} change to all restored`,
    target: `<= ${most} x the same writes over 10 connections`,
    figure: `${duration(worst[from])}, ${times(worst[from], worst.writes)}`,
    isMet: ratio(worst) <= most,
  };
}

/** Milliseconds that as many server-side applies take over as many connections, to objects that nobody tracks. */
async function timeOfWrites(testbed: Testbed, names: readonly string[]): Promise<number> {
  const apply = (color: string) => (name: string) => {
    const free = `free-${name}`;
    return testbed.api.apply(configMapPath(NAMESPACE, free), configMap(free, { color }), "bench");
  };
  await inParallel(names, apply("blue"));
  const start = performance.now();
  await inParallel(names, apply(`red-${start}`));
  return performance.now() - start;
}
