import type { KubeObject } from "../kube/object";
import { readRecordLabels, readRecordName, recordName, type RecordLabels } from "./record";
import { releaseKey, type ReleaseRef } from "./release";

/** Where Helm keeps records in the cluster: its storage drivers "secret" and "configmap", named by the kind that they use. */
export type Driver = "Secret" | "ConfigMap";

export const DRIVERS: readonly Driver[] = ["Secret", "ConfigMap"];

/** A revision that was seen, and its driver. */
export interface RevisionHint {
  readonly driver: Driver;
  readonly revision: number;
}

/** Which revisions of which releases have a record, as the watches show; a hint where to look, never the truth. */
export class Revisions {
  /** Drivers whose records have not been listed yet. */
  readonly #unlisted = new Set<Driver>(["Secret", "ConfigMap"]);
  readonly #byRelease: Readonly<Record<Driver, Map<string, Set<number>>>> = {
    Secret: new Map(),
    ConfigMap: new Map(),
  };

  /** The highest revision ever seen of releases with records in both drivers, now or before. */
  readonly #inBoth = new Map<string, number>();

  /** Whether the records of every driver have been listed: until then, nobody knows a release's newest record. */
  get areComplete(): boolean {
    return this.#unlisted.size === 0;
  }

  /** @returns the release of this record; undefined if it is no release record */
  add(driver: Driver, record: KubeObject): ReleaseRef | undefined {
    return this.#update(driver, record, (revisions, revision) => revisions.add(revision));
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
      const [namespace = "", name = ""] = key.split("/");
      for (const revision of revisions) {
        if (!present.has(`${namespace}/${recordName(name, revision)}`)) revisions.delete(revision);
      }
      if (revisions.size === 0) this.#byRelease[driver].delete(key);
      this.#noteBoth({ namespace, name });
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

  /** What Helm would write next in the other driver of a release that has, or had, records in both: it may go on in either. */
  nextElsewhere(release: ReleaseRef, driver: Driver): RevisionHint | undefined {
    const key = releaseKey(release);
    if (!this.#inBoth.has(key)) return undefined;
    const other = driver === "Secret" ? "ConfigMap" : "Secret";
    return { driver: other, revision: Math.max(0, ...(this.#byRelease[other].get(key) ?? [])) + 1 };
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
    change: (revisions: Set<number>, revision: number) => void,
  ): ReleaseRef | undefined {
    const labels = revisionOf(record);
    const { namespace } = record.metadata;
    if (labels === undefined || typeof namespace !== "string") return undefined;
    const release = { namespace, name: labels.release };
    const byRelease = this.#byRelease[driver];
    const key = releaseKey(release);
    const revisions = byRelease.get(key) ?? new Set();
    change(revisions, labels.revision);
    if (revisions.size > 0) byRelease.set(key, revisions);
    else byRelease.delete(key);
    this.#noteBoth(release);
    return release;
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
