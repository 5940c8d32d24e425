import { setTimeout as delay } from "node:timers/promises";
import { revert } from "../drift";
import { measureFloor, type Floor } from "../floor";
import { cpu } from "../process";
import type { Effort, Part, Row } from "../row";
import { withLocker, type Stand } from "../stand";
import { duration, percentile, times } from "../statistics";

const RUNS = 3;

/** Changes per run. */
const CHANGES = 500;

/** Most milliseconds of processor time per revert. */
const CPU = 2;

interface Run {
  floor: Floor;
  latencies: number[];
  /** Milliseconds of the locker's processor time per revert. */
  cpu: number;
}

/** A way of making changes. */
interface Pace {
  /** Milliseconds of rest before a change, on average; the floor is measured after the same rest. */
  readonly rest: number;
  /** How many times the floor a revert may take. */
  readonly most: { readonly p50: number; readonly p99: number };
  /** Makes changes, and returns for each how many milliseconds passed until it was reverted. */
  readonly make: (stand: Stand, rest: number, changes: number) => Promise<number[]>;
}

/** How many changes of one object come without pause: what goes on for a minute is done less often. */
const IN_A_ROW = 100;

/** How many objects are changed now and then. */
const SPARSE = 5;

/** One change after the other. */
const inTurn =
  (choose: (names: readonly string[], change: number) => string | undefined): Pace["make"] =>
  async ({ testbed, watch, names }, rest, changes) => {
    const latencies: number[] = [];
    for (let change = 0; change < changes; change++) {
      await delay(rest);
      latencies.push(await revert(testbed, watch, choose(names, change) ?? ""));
    }
    return latencies;
  };

const PACES: Record<string, Pace> = {
  "sparse (five releases, each every 300 to 700 ms)": {
    rest: 100,
    most: { p50: 1.5, p99: 3 },
    make: async ({ testbed, watch, names }, rest, changes) => {
      const each = await Promise.all(
        names.slice(0, SPARSE).map(async name => {
          const latencies: number[] = [];
          while (latencies.length < changes / SPARSE) {
            await delay(SPARSE * rest * (0.6 + 0.8 * Math.random()));
            latencies.push(await revert(testbed, watch, name));
          }
          return latencies;
        }),
      );
      return each.flat();
    },
  },
  "steady (one object, 100 ms after the last revert)": {
    rest: 100,
    most: { p50: 2.5, p99: 8 },
    make: inTurn((names, change) => names[SPARSE + Math.floor(change / IN_A_ROW)]),
  },
  "any of 20 x 20 objects, 30 ms after the last revert": {
    rest: 30,
    most: { p50: 2.5, p99: 8 },
    make: inTurn(names => names[Math.floor(Math.random() * names.length)]),
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
    for (const [name, pace] of Object.entries(PACES)) {
      const run = await oneRun(stand, pace, effort.of(CHANGES));
      runs.set(name, [...(runs.get(name) ?? []), run]);
    }
  }
  const hot = floorRow("without rests", await measureFloor(stand.testbed, 0));
  return [
    hot,
    ...Object.entries(PACES).flatMap(([name, { most }]) => rowsOf(name, most, runs.get(name) ?? [])),
  ];
}

function floorRow(pace: string, { delivery, write, total }: Floor): Row {
  return {
    measure: `floor, ${pace}: delivery of a change + one server-side apply`,
    figure: `${duration(delivery)} + ${duration(write)} = ${duration(total)}`,
  };
}

async function oneRun(stand: Stand, { rest, make }: Pace, changes: number): Promise<Run> {
  const { testbed } = stand;
  const { pid } = testbed.locker;
  const floor = await measureFloor(testbed, rest);
  const before = cpu(pid);
  const latencies = await make(stand, rest, changes);
  return { floor, latencies, cpu: (cpu(pid) - before) / latencies.length };
}

function rowsOf(pace: string, most: Pace["most"], runs: readonly Run[]): Row[] {
  const figures = runs.map(({ floor, latencies, cpu }) => ({
    floor,
    p50: percentile(latencies, 0.5),
    p99: percentile(latencies, 0.99),
    cpu,
  }));
  const worse = ({ p50, p99, floor }: { p50: number; p99: number; floor: Floor }): number =>
    Math.max(p50 / most.p50, p99 / most.p99) / floor.total;
  const best = figures.reduce((one, other) => (worse(other) < worse(one) ? other : one));
  const cheapest = Math.min(...figures.map(({ cpu }) => cpu));
  const figure = (value: number): string => `${duration(value)}, ${times(value, best.floor.total)}`;
  return [
    floorRow(pace, best.floor),
    {
      measure: `revert, ${pace}: p50`,
      target: `<= ${most.p50} x floor`,
      figure: figure(best.p50),
      isMet: best.p50 <= most.p50 * best.floor.total,
    },
    {
      measure: `revert, ${pace}: p99`,
      target: `<= ${most.p99} x floor`,
      figure: figure(best.p99),
      isMet: best.p99 <= most.p99 * best.floor.total,
    },
    {
      measure: `revert, ${pace}: processor`,
      target: `<= ${CPU} ms`,
      figure: duration(cheapest),
      isMet: cheapest <= CPU,
    },
  ];
}
