import type { KubeClient } from "../cluster/client";
import type { RecordScope } from "../cluster/records";
import { presenceKey, Watch } from "../cluster/watch";
import type { KubeObject } from "../release/object";
import type { ReleaseRef } from "../release/release";
import type { Driver, Revisions } from "../release/revisions";
import type { Reporter } from "../report/reporter";

/** What the watches on release records need, and whom they tell. None may wait. */
interface Parts {
  readonly client: KubeClient;
  readonly scopes: readonly RecordScope[];
  readonly revisions: Revisions;
  readonly reporter: Reporter;
  /** A record of a release is new or has changed; undefined where it is gone. */
  readonly changed: (release: ReleaseRef, record: KubeObject | undefined) => void;
  /** The records of one storage driver have been listed, perhaps once more. */
  readonly listed: () => void;
}

/** Follows Helm's release records, in each of its storage drivers. */
export class RecordWatches {
  readonly #parts: Parts;
  readonly #watches: readonly Watch[];
  readonly #unlisted: Set<Driver>;

  constructor(parts: Parts) {
    this.#parts = parts;
    this.#watches = parts.scopes.map(scope => this.#watchOf(scope));
    this.#unlisted = new Set(parts.scopes.map(({ driver }) => driver));
  }

  /** Whether those of every storage driver have been listed: before, nobody knows which is the newest of a release. */
  get areListed(): boolean {
    return this.#unlisted.size === 0;
  }

  start(): void {
    for (const watch of this.#watches) watch.start();
  }

  stop(): void {
    for (const watch of this.#watches) watch.stop();
  }

  #watchOf(scope: RecordScope): Watch {
    const { client, revisions, reporter, changed, listed } = this.#parts;
    const { driver } = scope;
    // Warned of once, for as long as they are there.
    const unreadable = new Set<string>();
    return new Watch(client, scope, {
      changed: record => {
        const release = revisions.add(driver, record);
        if (release) {
          changed(release, record);
          return;
        }
        const name = presenceKey(record.metadata.namespace, record.metadata.name);
        if (!unreadable.has(name)) reporter.unreadableRecord(name);
        unreadable.add(name);
      },
      deleted: record => {
        const release = revisions.remove(driver, record);
        unreadable.delete(presenceKey(record.metadata.namespace, record.metadata.name));
        if (release) changed(release, undefined);
      },
      listed: present => {
        revisions.retain(driver, present);
        for (const name of unreadable) if (!present.has(name)) unreadable.delete(name);
        this.#unlisted.delete(driver);
        listed();
      },
      failed: error => {
        reporter.troubled("watch", `can't watch release records in ${driver}s`, error);
      },
    });
  }
}
