import type { Testbed } from "../../locker/testbed";
import { revert, storm } from "../drift";
import { memory } from "../process";
import type { Effort, Part, Row } from "../row";
import { lockAll, type Seeded, type Size } from "../seed";
import { areLocked, watchObjects, withReleases } from "../stand";
import { duration, megabytes, times } from "../statistics";

const SMALL: Size = { releases: 200, objects: 10, revisions: 10, payload: 20_000 };
const LARGE: Size = { releases: 1000, objects: 20, revisions: 10, payload: 20_000 };
const HUGE: Size = { ...LARGE, releases: 5000 };

/** How much more time a release may take among five times as many. */
const GROWTH = 1.3;

/** What 200 releases of 10 objects, and 1,000 and 5,000 of 20, may take. */
const OF_SMALL: Figures = { start: 15_000, peak: 200e6 };
const OF_LARGE: Figures = { start: 8_000, peak: 160e6 };
const OF_HUGE: Figures = { start: 40_000, peak: 500e6 };

/** Milliseconds that a change right after the start of the largest may live. */
const EDIT = 1_000;

interface Figures {
  /** Milliseconds from the start until the locker reports that everything is watched. */
  start: number;
  /** Peak memory in bytes. */
  peak: number;
}

/** A cluster with many releases. */
export const fleet: Part = {
  name: "fleet",
  about: "200 releases of 10 revisions, 2,000 objects",
  run: async (effort: Effort) => {
    const size = { ...SMALL, releases: effort.of(SMALL.releases) };
    return told(size, await figuresOf(size), OF_SMALL);
  },
};

/** Five times as many. */
export const scale: Part = {
  name: "scale",
  about: "1,000 releases of 10 revisions, 20,000 objects",
  onlyByName: true,
  run: async () => {
    const small = await figuresOf({ ...SMALL, objects: LARGE.objects });
    const large = await figuresOf(LARGE);
    const each = (figures: Figures, { releases }: Size): number => figures.start / releases;
    const growth = each(large, LARGE) / each(small, SMALL);
    return [
      ...told({ ...SMALL, objects: LARGE.objects }, small),
      ...told(LARGE, large, OF_LARGE),
      {
        measure: "time a release, against that of 200",
        target: `<= ${GROWTH} x`,
        figure: times(growth, 1),
        isMet: growth <= GROWTH,
      },
    ];
  },
};

/** 100,000 objects. */
export const huge: Part = {
  name: "huge",
  about: "5,000 releases of 10 revisions, 100,000 objects",
  onlyByName: true,
  run: () =>
    withReleases(HUGE, async (testbed, seeded) => {
      await register(testbed, seeded);
      const watch = await watchObjects(testbed);
      try {
        const start = await startedIn(testbed);
        const names = seeded.flatMap(({ objects }) => objects.slice(0, 1));
        const edit = await revert(testbed, watch, names.at(-1) ?? "");
        await areLocked(testbed, seeded);
        const peak = memory(testbed.locker.pid, "VmHWM");
        const { answered, restored } = await storm(testbed, watch, names);
        return [
          ...told(HUGE, { start, peak }, OF_HUGE),
          {
            measure: "a change right after that, to restored",
            target: `<= ${duration(EDIT)}`,
            figure: duration(edit),
            isMet: edit <= EDIT,
          },
          {
            measure: `a storm of ${names.length} changes, one of each release: from the last one to all restored`,
            figure: duration(restored - answered),
          },
        ];
      } finally {
        watch.close();
      }
    }),
};

function told(size: Size, { start, peak }: Figures, most?: Figures): Row[] {
  const target = (is: number, at: number | undefined, words: (value: number) => string) =>
    at === undefined ? {} : { target: `<= ${words(at)}`, isMet: is <= at };
  return [
    {
      measure: `${nameOf(size)}: start to all locked`,
      figure: duration(start),
      ...target(start, most?.start, duration),
    },
    {
      measure: `${nameOf(size)}: memory at its most`,
      figure: megabytes(peak),
      ...target(peak, most?.peak, megabytes),
    },
  ];
}

function figuresOf(size: Size): Promise<Figures> {
  return withReleases(size, started);
}

/** Registers everything, then starts a locker. */
async function started(testbed: Testbed, seeded: Seeded[]): Promise<Figures> {
  await register(testbed, seeded);
  const start = await startedIn(testbed);
  await areLocked(testbed, seeded);
  return { start, peak: memory(testbed.locker.pid, "VmHWM") };
}

/** Starts a locker, which may take longer than tests wait for it. @returns milliseconds until it is ready */
async function startedIn(testbed: Testbed): Promise<number> {
  const began = performance.now();
  await testbed.startLocker().catch(() => testbed.locker.ready);
  return performance.now() - began;
}

/** A locker installs the HelmRelease CRD. */
async function register(testbed: Testbed, seeded: Seeded[]): Promise<void> {
  await testbed.startLocker();
  await testbed.locker.stop();
  await lockAll(testbed, seeded);
}

function nameOf({ releases, objects, revisions = 1 }: Size): string {
  return `${releases} releases x ${revisions} revisions x ${objects} objects`;
}
