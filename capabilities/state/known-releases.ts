import { presenceKey } from "../kube/kinds";
import type { KubeObject } from "../kube/object";
import type { Labels } from "../policy/label-selector";
import { recordName, type ReleaseStatus } from "../release/record";
import { releaseKey, type ReleaseRef } from "../release/release";
import { DRIVERS, revisionOf, type Driver } from "../release/revisions";

/** One record of a release, as far as policies need it. */
interface Seen {
  readonly driver: Driver;
  readonly revision: number;
  readonly status: ReleaseStatus;
  readonly labels: Labels;
}

/** What is known of a release. */
interface Known {
  readonly release: ReleaseRef;
  readonly records: Map<string, Seen>;
}

/** What the records of a release say: it is there, it is not, or nobody knows while Helm is at work or has failed. */
export type Presence = { readonly is: "there"; readonly labels: Labels } | { readonly is: "unsure" | "gone" };

/** Every release of the cluster, while there are policies: of its labels, those that policies ask for. */
export class KnownReleases {
  readonly #known = new Map<string, Known>();
  /** Undefined while nobody asks. */
  #keys: ReadonlySet<string> | undefined;
  /** Drivers whose records have been listed since the keys were last widened. */
  readonly #listed = new Set<Driver>();
  /** Drivers of which a list is under way that began since then. */
  readonly #listing = new Set<Driver>();

  /** Whether all of them are known, with all that policies ask for. */
  get areComplete(): boolean {
    return this.#keys !== undefined && this.#listed.size === DRIVERS.length;
  }

  /**
   * Notes which labels policies ask for; undefined if there are no policies.
   *
   * @returns whether records have to be listed anew
   */
  ask(keys: ReadonlySet<string> | undefined): boolean {
    const known = this.#keys;
    this.#keys = keys;
    if (!keys) {
      this.#known.clear();
      this.#listed.clear();
      this.#listing.clear();
    }
    if (!keys || (known && [...keys].every(key => known.has(key)))) return false;
    this.#listed.clear();
    this.#listing.clear();
    return true;
  }

  /** Every release, also those that are on their way out. */
  all(): ReleaseRef[] {
    return [...this.#known.values()].map(({ release }) => release);
  }

  /** What is known of a release. */
  presence(release: ReleaseRef): Presence {
    const records = [...(this.#known.get(releaseKey(release))?.records.values() ?? [])].sort(byRevision);
    const [newest] = records;
    if (!newest || newest.status === "uninstalled") return { is: "gone" };
    if (newest.status === "uninstalling") return { is: "unsure" };
    const deployed = records.find(({ status }) => status === "deployed");
    return deployed ? { is: "there", labels: deployed.labels } : { is: "unsure" };
  }

  /** A record is there, or has changed. */
  note(driver: Driver, record: KubeObject): void {
    const labels = revisionOf(record);
    const { namespace } = record.metadata;
    if (!this.#keys || labels === undefined || typeof namespace !== "string") return;
    const release = { namespace, name: labels.release };
    const key = releaseKey(release);
    const known = this.#known.get(key) ?? { release, records: new Map<string, Seen>() };
    this.#known.set(key, known);
    const { revision, status } = labels;
    known.records.set(`${driver} ${revision}`, {
      driver,
      revision,
      status,
      labels: labelsOf(record, this.#keys),
    });
  }

  /** A record is gone. */
  forget(driver: Driver, record: KubeObject): void {
    const labels = revisionOf(record);
    const { namespace } = record.metadata;
    if (labels === undefined || typeof namespace !== "string") return;
    this.#drop({ namespace, name: labels.release }, `${driver} ${labels.revision}`);
  }

  /** A list begins. */
  listing(driver: Driver): void {
    if (this.#keys) this.#listing.add(driver);
  }

  /** A list is complete. @param present "namespace/name" of the records in it */
  retain(driver: Driver, present: ReadonlySet<string>): void {
    for (const { release, records } of [...this.#known.values()])
      for (const [key, { driver: its, revision }] of [...records])
        if (
          its === driver &&
          !present.has(presenceKey(release.namespace, recordName(release.name, revision)))
        )
          this.#drop(release, key);
    // A list that began before is without what is asked for now.
    if (this.#listing.delete(driver)) this.#listed.add(driver);
  }

  #drop(release: ReleaseRef, record: string): void {
    const known = this.#known.get(releaseKey(release));
    known?.records.delete(record);
    if (known?.records.size === 0) this.#known.delete(releaseKey(release));
  }
}

/** Of two copies, that of Secrets counts, because they are Helm's default. */
function byRevision(one: Seen, other: Seen): number {
  return other.revision - one.revision || (one.driver === "Secret" ? -1 : 1);
}

function labelsOf({ metadata: { labels } }: KubeObject, keys: ReadonlySet<string>): Labels {
  const asked = Object.entries(typeof labels === "object" && labels !== null ? labels : {}).flatMap(
    ([key, value]): [string, string][] => (keys.has(key) && typeof value === "string" ? [[key, value]] : []),
  );
  return Object.fromEntries(asked);
}
