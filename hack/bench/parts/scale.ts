import type { Testbed } from "../../locker/testbed";
import { memory } from "../process";
import type { Effort, Part, Row } from "../row";
import { lockAll, type Seeded, type Size } from "../seed";
import { areLocked, withReleases } from "../stand";
import { duration, megabytes, times } from "../statistics";

const SMALL: Size = { releases: 200, objects: 10, revisions: 10, payload: 20_000 };
const LARGE: Size = { releases: 1000, objects: 20, revisions: 10, payload: 20_000 };

const START = 15_000;
const PEAK = 200e6;

/** How much more time a release may take among five times as many. */
const GROWTH = 1.3;

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
    const { start, peak } = await figuresOf(size);
    return [
      {
        measure: `${nameOf(size)}: start to all locked`,
        target: `<= ${duration(START)}`,
        figure: duration(start),
        isMet: start <= START,
      },
      {
        measure: `${nameOf(size)}: memory at its most`,
        target: `<= ${megabytes(PEAK)}`,
        figure: megabytes(peak),
        isMet: peak <= PEAK,
      },
    ];
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
      ...told(LARGE, large),
      {
        measure: "time a release, against that of 200",
        target: `<= ${GROWTH} x`,
        figure: times(growth, 1),
        isMet: growth <= GROWTH,
      },
    ];
  },
};

function told(size: Size, { start, peak }: Figures): Row[] {
  return [
    { measure: `${nameOf(size)}: start to all locked`, figure: duration(start) },
    { measure: `${nameOf(size)}: memory at its most`, figure: megabytes(peak) },
  ];
}

/** Registers everything, then starts a locker. */
function figuresOf(size: Size): Promise<Figures> {
  return withReleases(size, async (testbed, seeded) => {
    await register(testbed, seeded);
    const began = performance.now();
    await testbed.startLocker();
    const start = performance.now() - began;
    await areLocked(testbed, seeded);
    return { start, peak: memory(testbed.locker.pid, "VmHWM") };
  });
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
