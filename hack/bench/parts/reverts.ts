import { setTimeout as delay } from "node:timers/promises";
import { NAMESPACE } from "../../../test/support/room";
import { revert } from "../drift";
import { measureFloor, type Floor } from "../floor";
import { cpu } from "../process";
import type { Effort, Part, Row } from "../row";
import { withLocker, type Stand } from "../stand";
import { duration, median, percentile, times } from "../statistics";

const RUNS = 3;

/** Changes a run makes. */
const CHANGES = 500;

/** How many times the floor a revert may take. */
const P50 = 2.5;
const P99 = 8;

/** Most milliseconds of processor time a revert. */
const CPU = 5;

interface Run {
  floor: Floor;
  latencies: number[];
  /** Milliseconds of the locker's processor time a revert. */
  cpu: number;
}

/** Makes changes one way, and returns what each took until it was reverted, in milliseconds. */
type Pace = (stand: Stand, changes: number) => Promise<number[]>;

const PACES: Record<string, Pace> = {
  "sparse (five releases, each every 300 to 700 ms)": async ({ room, live, names }, changes) => {
    const each = await Promise.all(
      names.slice(0, 5).map(async name => {
        const latencies: number[] = [];
        while (latencies.length < changes / 5) {
          await delay(300 + Math.random() * 400);
          latencies.push(await revert(room, live, name));
        }
        return latencies;
      }),
    );
    return each.flat();
  },
  "steady (one object, 100 ms after the last revert)": async ({ room, live, names }, changes) => {
    const latencies: number[] = [];
    for (let change = 0; change < changes; change++) {
      await delay(100);
      latencies.push(await revert(room, live, names[0] ?? ""));
    }
    return latencies;
  },
  "any of 20 x 20 objects, 30 ms after the last revert": async ({ room, live, names }, changes) => {
    const latencies: number[] = [];
    for (let change = 0; change < changes; change++) {
      await delay(30);
      const name = names[Math.floor(Math.random() * names.length)] ?? "";
      latencies.push(await revert(room, live, name));
    }
    return latencies;
  },
};

/** How long a change lives. */
export const reverts: Part = {
  name: "reverts",
  about: "how long a change lives",
  run: effort => withLocker({ releases: 20, objects: 20 }, stand => measured(stand, effort)),
};

async function measured(stand: Stand, effort: Effort): Promise<Row[]> {
  const runs = new Map<string, Run[]>();
  for (let round = 0; round < effort.of(RUNS); round++) {
    for (const [pace, make] of Object.entries(PACES)) {
      const run = await oneRun(stand, make, effort.of(CHANGES));
      runs.set(pace, [...(runs.get(pace) ?? []), run]);
    }
  }
  return [floorRow([...runs.values()].flat()), ...[...runs].flatMap(([pace, of]) => rowsOf(pace, of))];
}

function floorRow(runs: readonly Run[]): Row {
  const middle = (what: keyof Floor): string => duration(median(runs.map(({ floor }) => floor[what])));
  return {
    measure: "floor: delivery of a change + one server-side apply",
    figure: `${middle("delivery")} + ${middle("write")} = ${middle("total")}`,
  };
}

async function oneRun(stand: Stand, make: Pace, changes: number): Promise<Run> {
  const { room, locker } = stand;
  const floor = await measureFloor(room.api, NAMESPACE, 50);
  const before = cpu(locker.pid);
  const latencies = await make(stand, changes);
  return { floor, latencies, cpu: (cpu(locker.pid) - before) / latencies.length };
}

function rowsOf(pace: string, runs: readonly Run[]): Row[] {
  const figures = runs.map(({ floor, latencies, cpu }) => ({
    floor: floor.total,
    p50: percentile(latencies, 0.5),
    p99: percentile(latencies, 0.99),
    cpu,
  }));
  const worse = ({ p50, p99, floor }: { p50: number; p99: number; floor: number }): number =>
    Math.max(p50 / (P50 * floor), p99 / (P99 * floor));
  const best = figures.reduce((one, other) => (worse(other) < worse(one) ? other : one));
  const cheapest = Math.min(...figures.map(({ cpu }) => cpu));
  const figure = (value: number): string => `${duration(value)}, ${times(value, best.floor)}`;
  return [
    {
      measure: `revert, ${pace}: p50`,
      target: `<= ${P50} x floor`,
      figure: figure(best.p50),
      isMet: best.p50 <= P50 * best.floor,
    },
    {
      measure: `revert, ${pace}: p99`,
      target: `<= ${P99} x floor`,
      figure: figure(best.p99),
      isMet: best.p99 <= P99 * best.floor,
    },
    {
      measure: `revert, ${pace}: processor`,
      target: `<= ${CPU} ms`,
      figure: duration(cheapest),
      isMet: cheapest <= CPU,
    },
  ];
}
