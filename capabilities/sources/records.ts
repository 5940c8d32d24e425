import type { KindActions } from "../cluster/k8s";
import type { Watch } from "../cluster/watch";
import { presenceKey } from "../kube/kinds";
import type { KubeObject } from "../kube/object";
import { isOlder, newestOf, stateOf } from "../kube/version";
import { recordName } from "../release/record";
import type { ReleaseRef } from "../release/release";
import { DRIVERS, MAX_RECORDS, revisionOf, type Driver, type Revisions } from "../release/revisions";
import type { Reporter } from "../report/reporter";
import { lookAtContested } from "../state/contested";
import type { KnownReleases } from "../state/known-releases";
import type { Lock } from "../state/lock";
import { toAssign, toLoad } from "../state/requests";
import type { Store } from "../state/store";
import { common } from "../state/watched";
import type { Queue } from "../work/queue";
import type { Followed } from "./followed";
import { OddRecords } from "./odd-records";
import type { Sight } from "./sight";

/** How long changes of another release's record are gathered before that is looked at, in milliseconds. */
const OF_CHANGED_RECORD = 500;

/** Which records are followed, and where their events go. */
interface Parts {
  readonly watched: Readonly<Record<Driver, KindActions>>;
  readonly revisions: Revisions;
  readonly releases: KnownReleases;
  readonly store: Store;
  readonly queue: Queue;
  readonly reporter: Reporter;
  readonly sight: Sight;
  /** Called when a list is complete. */
  readonly listed: () => void;
}

/** Follows Helm's release records, in all of its storage drivers. */
export class Records {
  readonly #parts: Parts;
  readonly #watches: ReadonlyMap<Driver, Watch>;
  /** Namespaces with too many records, of which that was told. */
  readonly #full = new Set<string>();

  constructor(parts: Parts) {
    this.#parts = parts;
    this.#watches = new Map(DRIVERS.map(driver => [driver, this.#watchOf(driver)]));
  }

  start(): void {
    for (const watch of this.#watches.values()) watch.start();
  }

  /** Lists them anew. */
  relist(): void {
    for (const watch of this.#watches.values()) watch.relist();
  }

  stop(): void {
    for (const watch of this.#watches.values()) watch.stop();
  }

  /** What the watches follow, of which only locked releases count. */
  followed(): Followed[] {
    const { watched } = this.#parts;
    return [...this.#watches].map(([driver, watch]) => ({
      watch,
      listed: watched[driver],
      newest: () => newestOf(this.#held(driver).map(({ resourceVersion }) => resourceVersion)),
      concerns: record => this.#lockOf(record) !== undefined,
      isNews: record => this.#isNews(driver, record),
      isMissing: (present, version) =>
        this.#held(driver).some(
          ({ key, resourceVersion }) => !isOlder(version, resourceVersion) && !present.has(key),
        ),
    }));
  }

  /** The newest records of locked releases in a driver, as they were read last. */
  #held(driver: Driver): { key: string; resourceVersion: string }[] {
    return [...this.#parts.store.locks()].flatMap(({ release: { namespace, name }, record }) =>
      record?.driver === driver
        ? [
            {
              key: presenceKey(namespace, recordName(name, record.revision)),
              resourceVersion: record.resourceVersion,
            },
          ]
        : [],
    );
  }

  /** Whether a record is of a higher revision than any that is known, or a later state of the newest. */
  #isNews(driver: Driver, record: KubeObject): boolean {
    const revision = revisionOf(record)?.revision;
    const lock = this.#lockOf(record);
    if (!lock || revision === undefined) return false;
    if (revision > (this.#parts.revisions.highest(lock.release)?.revision ?? 0)) return true;
    const { record: held } = lock;
    if (held?.driver !== driver || held.revision !== revision) return false;
    return isOlder(held.resourceVersion, stateOf(record).resourceVersion);
  }

  /** The lock of the release that an object is a record of. */
  #lockOf(record: KubeObject): Lock | undefined {
    const { namespace } = record.metadata;
    const labels = revisionOf(record);
    if (labels === undefined || typeof namespace !== "string") return undefined;
    return this.#parts.store.lockOf({ namespace, name: labels.release });
  }

  #watchOf(driver: Driver): Watch {
    const { watched, revisions, releases, store, queue, reporter, sight, listed } = this.#parts;
    const odd = new OddRecords(reporter);
    const sees = common(watched[driver].kind, "release record");
    const watch = watched[driver].Watch({
      listing: () => {
        releases.listing(driver);
      },
      changed: record => {
        const release = revisions.add(driver, record);
        if (!release) return odd.note(record);
        const isRemembered = revisions.remembers(driver, release);
        if (isRemembered) releases.note(driver, record);
        else this.#tellOfMany(release.namespace);
        this.#changed(release, record);
        return isRemembered;
      },
      deleted: record => {
        const release = revisions.remove(driver, record);
        releases.forget(driver, record);
        odd.forget(record);
        if (release) this.#changed(release, undefined);
      },
      setBack: () => {
        revisions.setBack();
      },
      listed: present => {
        revisions.retain(driver, present);
        releases.retain(driver, present);
        odd.retain(present);
        for (const { release } of store.locks()) queue.addNow(toLoad(release));
        listed();
      },
      failed: error => {
        sight.failed(sees, error);
      },
      resumed: () => {
        sight.works(sees);
      },
    });
    sight.add(sees, watch);
    return watch;
  }

  #tellOfMany(namespace: string): void {
    if (this.#full.has(namespace)) return;
    this.#full.add(namespace);
    this.#parts.reporter.manyRecords(namespace, MAX_RECORDS);
  }

  /** A record of a release is new or has changed; undefined if it is gone. */
  #changed(release: ReleaseRef, record: KubeObject | undefined): void {
    const { releases, store, queue } = this.#parts;
    // Objects that carry this release's name may belong to another release, now that this release's record has changed.
    lookAtContested(release, this.#parts, OF_CHANGED_RECORD);
    if (releases.areComplete) queue.addNow(toAssign(release));
    const lock = store.lockOf(release);
    if (!lock) return;
    const { uid, resourceVersion } = record ? stateOf(record) : {};
    const isKnown = record && lock.record?.uid === uid && lock.record?.resourceVersion === resourceVersion;
    if (isKnown !== true) queue.addNow(toLoad(release));
  }
}
