import { helmReleaseSchema, type HelmRelease } from "../../crds/helm-release";
import type { Revisions } from "../release/revisions";
import type { Reporter } from "../report/reporter";
import { HeldObjects } from "../sources/held-objects";
import { Records } from "../sources/records";
import { Resync } from "../sources/resync";
import type { Sight } from "../sources/sight";
import { TrackedObjects } from "../sources/tracked-objects";
import { UnlabelledObjects } from "../sources/unlabelled-objects";
import { WrittenObjects } from "../sources/written-objects";
import { HELM_RELEASES, type HelmReleases } from "../state/helm-releases";
import type { KnownReleases } from "../state/known-releases";
import { toRegister } from "../state/requests";
import type { Store } from "../state/store";
import { common } from "../state/watched";
import type { Queue } from "../work/queue";
import type { Bindings } from "./bindings";
import type { ByPolicy } from "./by-policy";
import type { Readiness } from "./readiness";

/** What is followed, and where events go. */
interface Parts {
  readonly bindings: Bindings;
  readonly store: Store;
  readonly queue: Queue;
  readonly reporter: Reporter;
  readonly sight: Sight;
  readonly helmReleases: HelmReleases;
  readonly releases: KnownReleases;
  readonly revisions: Revisions;
  readonly readiness: Readiness;
  readonly byPolicy: ByPolicy;
  /** Seconds. */
  readonly resyncInterval: number;
}

/** Where events come from. */
export interface Sources {
  readonly helmReleases: WrittenObjects<HelmRelease>;
  readonly records: Records;
  readonly tracked: TrackedObjects;
  readonly unlabelled: UnlabelledObjects;
  readonly byPolicy: ByPolicy;
  readonly resync: Resync;
  readonly sight: Sight;
}

/** Joins what is followed with what is done about it. */
export function joinSources(parts: Parts): Sources {
  const { bindings, queue, reporter, sight, helmReleases, readiness, byPolicy, resyncInterval } = parts;
  const held = new HeldObjects();
  const listed = () => {
    byPolicy.listed();
    readiness.check();
  };
  const followed = {
    helmReleases: new WrittenObjects({
      ...parts,
      listed,
      watched: bindings.helmReleases,
      sees: common(HELM_RELEASES, "HelmRelease"),
      schema: helmReleaseSchema,
      known: helmReleases,
      isPulse: true,
      changed: (object, before) => {
        queue.addNow(toRegister(object.metadata.name));
        byPolicy.helmRelease(object, before);
      },
    }),
    records: new Records({ ...parts, listed, watched: bindings.records }),
    tracked: new TrackedObjects({
      ...parts,
      held,
      listed: readiness.check.bind(readiness),
      watched: bindings.tracked,
    }),
  };
  const unlabelled = new UnlabelledObjects({ ...parts, held, single: bindings.single });
  const resync = new Resync({
    followed: () => [
      followed.helmReleases.followed(),
      ...followed.records.followed(),
      ...byPolicy.followed(),
      ...followed.tracked.followed(),
    ],
    unlabelled,
    interval: resyncInterval * 1000,
    reporter,
  });
  return { ...followed, unlabelled, byPolicy, resync, sight };
}
