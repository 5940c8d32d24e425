import type { KubeObject } from "../kube/object";
import { readRecordLabels, readRecordName, recordName, type RecordLabels } from "./record";
import { releaseKey, releaseOfKey, type ReleaseRef } from "./release";

/** Where Helm keeps records in the cluster: its storage drivers "secret" and "configmap", named by the kind that they use. */
export type Driver = "Secret" | "ConfigMap";

export const DRIVERS: readonly Driver[] = ["Secret", "ConfigMap"];

/** A revision that was seen, and its driver. */
export interface RevisionHint {
  readonly driver: Driver;
  readonly revision: number;
}

/** How many records of a namespace are remembered in each driver: more than Helm makes, as those superseded do not count. */
export const MAX_RECORDS = 5_000;

/** How many revisions of a release are remembered in each driver: the newest. */
const MAX_REVISIONS = 500;

/** Which revisions of which releases have a record, as the watches show; a hint where to look, never the truth. */
export class Revisions {
  readonly #isLocked: (release: ReleaseRef) => boolean;
  /** Drivers whose records have not been listed yet. */
  readonly #unlisted = new Set<Driver>(["Secret", "ConfigMap"]);
  readonly #byRelease: Readonly<Record<Driver, Map<string, Set<number>>>> = {
    Secret: new Map(),
    ConfigMap: new Map(),
  };

  /** How many records are remembered of each namespace. */
  readonly #counts: Readonly<Record<Driver, Map<string, number>>> = {
    Secret: new Map(),
    ConfigMap: new Map(),
  };

  /** The highest revision ever seen of releases with records in both drivers, now or before. */
  readonly #inBoth = new Map<string, number>();

  /** @param isLocked whether a release is to be remembered, however many records its namespace has */
  constructor(isLocked: (release: ReleaseRef) => boolean) {
    this.#isLocked = isLocked;
  }

  /** Whether the records of every driver have been listed: until then, nobody knows a release's newest record. */
  get areComplete(): boolean {
    return this.#unlisted.size === 0;
  }

  /** @returns the release of this record; undefined if it is no release record */
  add(driver: Driver, record: KubeObject): ReleaseRef | undefined {
    return this.#update(driver, record, (revisions, revision, release) => {
      if (this.#isFull(driver, release.namespace) && !this.#isLocked(release)) return;
      revisions.add(revision);
      if (revisions.size > MAX_REVISIONS) revisions.delete(Math.min(...revisions));
    });
  }

  /** Adds a record that was found by its release, if its namespace has so many that it may have been forgotten. */
  learn(driver: Driver, record: KubeObject): void {
    const { namespace } = record.metadata;
    if (typeof namespace === "string" && this.#isFull(driver, namespace)) this.add(driver, record);
  }

  /** Whether any record of a release is remembered: of a namespace with too many, only those of locked releases are. */
  remembers(driver: Driver, release: ReleaseRef): boolean {
    return this.#byRelease[driver].has(releaseKey(release));
  }

  /** @returns the release of this record */
  remove(driver: Driver, record: KubeObject): ReleaseRef | undefined {
    return this.#update(driver, record, (revisions, revision) => revisions.delete(revision));
  }

  /**
   * Notes that a list is complete, and forgets every record that was not in it.
   *
   * @param present "namespace/name" of the records listed
   */
  retain(driver: Driver, present: ReadonlySet<string>): void {
    this.#unlisted.delete(driver);
    for (const [key, revisions] of this.#byRelease[driver]) {
      const release = releaseOfKey(key);
      const { namespace, name } = release;
      const before = revisions.size;
      for (const revision of revisions) {
        if (!present.has(`${namespace}/${recordName(name, revision)}`)) revisions.delete(revision);
      }
      this.#keep(driver, release, revisions, before);
    }
  }

  /** The highest seen revision of a release in either driver; of two copies that of Secrets, which are Helm's default. */
  highest(release: ReleaseRef): RevisionHint | undefined {
    const key = releaseKey(release);
    const [secret, configMap] = DRIVERS.map(driver => this.#byRelease[driver].get(key)).map(revisions =>
      revisions ? Math.max(...revisions) : 0,
    );
    if (!secret && !configMap) return undefined;
    return (configMap ?? 0) > (secret ?? 0)
      ? { driver: "ConfigMap", revision: configMap ?? 0 }
      : { driver: "Secret", revision: secret ?? 0 };
  }

  /**
   * The newest record in the other driver of a release that has, or had, records in both, and what Helm would write next there: it may go
   * on in either.
   */
  elsewhere(release: ReleaseRef, driver: Driver): RevisionHint[] {
    const key = releaseKey(release);
    if (!this.#inBoth.has(key)) return [];
    const other = driver === "Secret" ? "ConfigMap" : "Secret";
    const newest = Math.max(0, ...(this.#byRelease[other].get(key) ?? []));
    return [newest, newest + 1]
      .filter(revision => revision > 0)
      .map(revision => ({ driver: other, revision }));
  }

  /**
   * Whether the newest record of such a release is gone, and older ones are left in the other driver: copies of what is no more. Revisions
   * only rise.
   */
  areStale(release: ReleaseRef): boolean {
    const known = this.#inBoth.get(releaseKey(release));
    return known !== undefined && (this.highest(release)?.revision ?? 0) < known;
  }

  /** Notes that the history of the cluster has been set back: what was the highest revision may never have been. */
  setBack(): void {
    this.#inBoth.clear();
  }

  #noteBoth(release: ReleaseRef): void {
    const key = releaseKey(release);
    const isInBoth = this.#inBoth.has(key) || DRIVERS.every(driver => this.#byRelease[driver].has(key));
    const highest = this.highest(release)?.revision ?? 0;
    if (!isInBoth) return;
    // With its last record a release is gone; one of its name begins anew.
    if (highest === 0) this.#inBoth.delete(key);
    else this.#inBoth.set(key, Math.max(this.#inBoth.get(key) ?? 0, highest));
  }

  #update(
    driver: Driver,
    record: KubeObject,
    change: (revisions: Set<number>, revision: number, release: ReleaseRef) => void,
  ): ReleaseRef | undefined {
    const labels = revisionOf(record);
    const { namespace } = record.metadata;
    if (labels === undefined || typeof namespace !== "string") return undefined;
    const release = { namespace, name: labels.release };
    const byRelease = this.#byRelease[driver];
    const revisions = byRelease.get(releaseKey(release)) ?? new Set();
    const before = revisions.size;
    change(revisions, labels.revision, release);
    this.#keep(driver, release, revisions, before);
    return release;
  }

  /** @param before how many there were of this release */
  #keep(driver: Driver, release: ReleaseRef, revisions: Set<number>, before: number): void {
    const counts = this.#counts[driver];
    const count = (counts.get(release.namespace) ?? 0) + revisions.size - before;
    if (count > 0) counts.set(release.namespace, count);
    else counts.delete(release.namespace);
    if (revisions.size > 0) this.#byRelease[driver].set(releaseKey(release), revisions);
    else this.#byRelease[driver].delete(releaseKey(release));
    this.#noteBoth(release);
  }

  #isFull(driver: Driver, namespace: string): boolean {
    return (this.#counts[driver].get(namespace) ?? 0) >= MAX_RECORDS;
  }
}

/**
 * The revision that an object records, according to its labels. Its name has to agree: labels alone would let any
 * Secret pass for the newest revision.
 */
export function revisionOf(record: KubeObject): RecordLabels | undefined {
  const labels = readRecordLabels(record.metadata.labels);
  const name = readRecordName(record.metadata.name);
  return labels && name?.release === labels.release && name.revision === labels.revision ? labels : undefined;
}
