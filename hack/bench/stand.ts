import { dirname } from "node:path/posix";
import { collection } from "../lib/objects";
import { Watch, type IsState } from "../lib/watch";
import { helmReleasePath, saysLocked, statusOf } from "../locker/helm-release";
import { NAMESPACE, Testbed } from "../locker/testbed";
import { lockAll, seed, type Seeded, type Size } from "./seed";

/** How long to wait for a state before the benchmark fails, in milliseconds. */
const PATIENCE = 600_000;

/** A testbed with locked releases, and an open watch on their objects. */
export interface Stand {
  readonly testbed: Testbed;
  readonly watch: Watch;
  readonly seeded: readonly Seeded[];
  /** Names of all objects. */
  readonly names: readonly string[];
}

/** Runs work on a testbed with releases, but without a locker yet. */
export async function withReleases<T>(
  size: Size,
  work: (testbed: Testbed, seeded: Seeded[]) => Promise<T>,
): Promise<T> {
  const testbed = await Testbed.withoutLocker();
  try {
    return await work(testbed, await seed(testbed, size));
  } finally {
    await testbed.leave();
  }
}

/** Runs work on a stand whose releases are all locked. */
export function withLocker<T>(size: Size, work: (stand: Stand) => Promise<T>): Promise<T> {
  return withReleases(size, async (testbed, seeded) => {
    await testbed.startLocker();
    await lockAll(testbed, seeded);
    await areLocked(testbed, seeded);
    const watch = await watchObjects(testbed);
    const names = seeded.flatMap(({ objects }) => objects);
    try {
      return await work({ testbed, watch, seeded, names });
    } finally {
      watch.close();
    }
  });
}

/** Opens a watch on the ConfigMaps of all releases. */
export function watchObjects({ api }: Testbed): Promise<Watch> {
  return Watch.open(api, collection("v1", "configmaps", NAMESPACE), { patience: PATIENCE });
}

/** Waits until releases are locked. */
export async function areLocked({ api }: Testbed, seeded: readonly Seeded[]): Promise<void> {
  const watch = await Watch.open(api, dirname(helmReleasePath("any")), { patience: PATIENCE });
  try {
    const isLocked: IsState = object => saysLocked(statusOf(object));
    await Promise.all(seeded.map(({ release }) => watch.untilObject(release, isLocked)));
  } finally {
    watch.close();
  }
}
