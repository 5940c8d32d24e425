import { isObject, type KubeObject } from "../kube/object";
import { stateOf } from "../kube/version";
import { writersOf } from "./field-manager";
import { decodeRecord, disagreement, RecordError, recordName, type ReleaseRecord } from "./record";
import type { ReleaseRef } from "./release";
import { DRIVERS, revisionOf, type Driver, type RevisionHint, type Revisions } from "./revisions";

/** How records are read; every method may fail like a network. */
export interface RecordReader {
  /** The whole record; undefined if there is none. */
  get(namespace: string, name: string): Promise<KubeObject | undefined>;
  /** Its metadata, which is enough to know the phase. */
  getMetadata(namespace: string, name: string): Promise<KubeObject | undefined>;
  /** Passes on the metadata of every record of a release, one after the other. */
  each(release: ReleaseRef, onRecord: (record: KubeObject) => void): Promise<void>;
}

/** One state of one record: the same only if both uid and resourceVersion are, because a reinstalled release starts at revision 1 again. */
export interface RecordState {
  readonly driver: Driver;
  readonly revision: number;
  readonly uid: string;
  readonly resourceVersion: string;
}

/** What a release's newest record says. */
export type Newest =
  | { readonly is: "missing" }
  | { readonly is: "unreadable"; readonly revision: number; readonly reason: string }
  | {
      readonly is: "record";
      readonly state: RecordState;
      readonly record: ReleaseRecord;
      /** The field managers that have written it. */
      readonly writers: readonly string[];
    };

/** Reads Helm's release records. Only the newest revision counts: after a failed upgrade, an older one still says "deployed". */
export class RecordStorage {
  readonly #readers: Readonly<Record<Driver, RecordReader>>;

  readonly #revisions: Pick<Revisions, "learn" | "elsewhere" | "highest">;

  /**
   * @param readers one for each of Helm's storage drivers that keep records in the cluster
   * @param revisions what is known of other records, and is to know of those that are listed here
   */
  constructor(
    readers: Readonly<Record<Driver, RecordReader>>,
    revisions: Pick<Revisions, "learn" | "elsewhere" | "highest">,
  ) {
    this.#readers = readers;
    this.#revisions = revisions;
  }

  /**
   * Reads the newest record.
   *
   * @param hint where to begin: the highest revision seen; without it, or if it is gone, the records are listed
   */
  async newest(release: ReleaseRef, hint: RevisionHint | undefined): Promise<Newest> {
    return (await this.#search(release, hint, WHOLE)) ?? { is: "missing" };
  }

  /** Which record is the newest, and in which state, without what it holds; undefined if there is none. */
  stateOfNewest(release: ReleaseRef, hint: RevisionHint | undefined): Promise<RecordState | undefined> {
    return this.#search(release, hint, METADATA);
  }

  /**
   * Whether a record is still the newest, unchanged and deployed: the check before every write. Helm stores the pending
   * record N+1 before it touches an object, so a write that follows a check cannot undo what Helm did before the check.
   */
  async isCurrent(release: ReleaseRef, held: RecordState): Promise<boolean> {
    const [found, ...later] = await Promise.all([
      this.#readers[held.driver].getMetadata(release.namespace, recordName(release.name, held.revision)),
      ...this.#nextOf(release, held).map(next => this.#metadataOf(release, next)),
    ]);
    return (
      later.every(record => record === undefined) &&
      found?.metadata.uid === held.uid &&
      found.metadata.resourceVersion === held.resourceVersion &&
      revisionOf(found)?.status === "deployed"
    );
  }

  async #search<Found>(
    release: ReleaseRef,
    hint: RevisionHint | undefined,
    way: Way<Found>,
  ): Promise<Found | undefined> {
    const found = hint && (await this.#walk(release, hint, way));
    if (found) return found;
    const listed = await this.#highest(release);
    return listed && this.#walk(release, listed, way);
  }

  /** Follows the revisions up to the last one, in both drivers where Helm may; undefined if there is none to begin with. */
  async #walk<Found>(release: ReleaseRef, hint: RevisionHint, way: Way<Found>): Promise<Found | undefined> {
    const { driver, revision } = hint;
    const nexts = this.#nextOf(release, hint);
    const [found, ...later] = await Promise.all([
      this.#readers[driver][way.by](release.namespace, recordName(release.name, revision)),
      ...nexts.map(next => this.#metadataOf(release, next)),
    ]);
    const further = nexts.find((_, index) => later[index] !== undefined);
    if (!further) return found && way.read(found, release, hint);
    // The watches may have shown more by now, as Helm can be faster than answers are; and that may be gone again.
    const known = this.#revisions.highest(release);
    const shown = known && isNewer(known, further) ? await this.#walk(release, known, way) : undefined;
    return shown ?? this.#walk(release, further, way);
  }

  /** What may be there that would be newer, as far as that can be known: Helm counts the records of its own driver only. */
  #nextOf(release: ReleaseRef, { driver, revision }: RevisionHint): RevisionHint[] {
    const elsewhere = this.#revisions.elsewhere(release, driver);
    return [{ driver, revision: revision + 1 }, ...elsewhere].filter(next =>
      isNewer(next, { driver, revision }),
    );
  }

  #metadataOf({ namespace, name }: ReleaseRef, { driver, revision }: RevisionHint) {
    return this.#readers[driver].getMetadata(namespace, recordName(name, revision));
  }

  async #highest(release: ReleaseRef): Promise<RevisionHint | undefined> {
    const found = await Promise.all(
      DRIVERS.map(async driver => {
        let highest = 0;
        await this.#readers[driver].each(release, record => {
          const labels = revisionOf(record);
          if (labels?.release !== release.name) return;
          highest = Math.max(highest, labels.revision);
          this.#revisions.learn(driver, record);
        });
        return { driver, revision: highest };
      }),
    );
    const [highest] = found.sort((one, other) => (isNewer(one, other) ? -1 : 1));
    return highest && highest.revision > 0 ? highest : undefined;
  }
}

/** Of two copies, that of Secrets counts, because they are Helm's default. */
function isNewer(one: RevisionHint, than: RevisionHint): boolean {
  return one.revision === than.revision ? one.driver === "Secret" : one.revision > than.revision;
}

/** How the newest record is read. */
interface Way<Found> {
  readonly by: "get" | "getMetadata";
  readonly read: (found: KubeObject, release: ReleaseRef, hint: RevisionHint) => Found;
}

const WHOLE: Way<Newest> = { by: "get", read };
const METADATA: Way<RecordState> = {
  by: "getMetadata",
  read: (found, _, hint) => ({ ...hint, ...stateOf(found) }),
};

function read(found: KubeObject, release: ReleaseRef, { driver, revision }: RevisionHint): Newest {
  const { uid, resourceVersion, labels, name } = found.metadata;
  const unreadable = (reason: string): Newest => ({
    is: "unreadable",
    revision,
    reason: `${driver} ${release.namespace}/${name}: ${reason}`,
  });
  const payload = isObject(found.data) ? found.data.release : undefined;
  if (typeof payload !== "string" || typeof uid !== "string" || typeof resourceVersion !== "string") {
    return unreadable("it has no data.release, which holds what Helm knows of a release");
  }
  try {
    const record = decodeRecord(payload);
    const conflict = disagreement(labels, record, { ...release, revision });
    if (conflict !== undefined) return unreadable(conflict);
    const state = { driver, revision, uid, resourceVersion };
    return { is: "record", state, record, writers: writersOf(found) };
  } catch (error) {
    if (error instanceof RecordError) return unreadable(error.message);
    throw error;
  }
}
