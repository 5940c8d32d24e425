import type { KindActions } from "../cluster/k8s";
import type { Watch } from "../cluster/watch";
import type { KubeObject } from "../kube/object";
import { stateOf } from "../kube/version";
import type { ReleaseRef } from "../release/release";
import { MAX_RECORDS, type Driver, type Revisions } from "../release/revisions";
import type { Reporter } from "../report/reporter";
import { lookAtContested } from "../state/contested";
import { toLoad } from "../state/requests";
import type { Store } from "../state/store";
import { common } from "../state/watched";
import type { Queue } from "../work/queue";
import { OddRecords } from "./odd-records";
import type { Sight } from "./sight";

/** How long changes of another release's record are gathered before that is looked at, in milliseconds. */
const OF_CHANGED_RECORD = 500;

/** Which records are followed, and where their events go. */
interface Parts {
  readonly watched: Readonly<Record<Driver, KindActions>>;
  readonly revisions: Revisions;
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
  readonly #watches: readonly Watch[];
  /** Namespaces with too many records, of which that was told. */
  readonly #full = new Set<string>();

  constructor(parts: Parts) {
    this.#parts = parts;
    this.#watches = (["Secret", "ConfigMap"] as const).map(driver => this.#watchOf(driver));
  }

  start(): void {
    for (const watch of this.#watches) watch.start();
  }

  stop(): void {
    for (const watch of this.#watches) watch.stop();
  }

  #watchOf(driver: Driver): Watch {
    const { watched, revisions, store, queue, reporter, sight, listed } = this.#parts;
    const odd = new OddRecords(reporter);
    const sees = common(watched[driver].kind, "release record");
    const watch = watched[driver].Watch({
      changed: record => {
        const release = revisions.add(driver, record);
        if (!release) return odd.note(record);
        this.#changed(release, record);
        const isRemembered = revisions.remembers(driver, release);
        if (!isRemembered) this.#tellOfMany(release.namespace);
        return isRemembered;
      },
      deleted: record => {
        const release = revisions.remove(driver, record);
        odd.forget(record);
        if (release) this.#changed(release, undefined);
      },
      setBack: () => {
        revisions.setBack();
      },
      listed: present => {
        revisions.retain(driver, present);
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
    const { store, queue } = this.#parts;
    // Objects that carry this release's name may belong to another release, now that this release's record has changed.
    lookAtContested(release, this.#parts, OF_CHANGED_RECORD);
    const lock = store.lockOf(release);
    if (!lock) return;
    const { uid, resourceVersion } = record ? stateOf(record) : {};
    const isKnown = record && lock.record?.uid === uid && lock.record?.resourceVersion === resourceVersion;
    if (isKnown !== true) queue.addNow(toLoad(release));
  }
}
