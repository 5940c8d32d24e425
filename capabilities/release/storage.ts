import { isObject, type KubeObject } from "../kube/object";
import { decodeRecord, disagreement, RecordError, recordName, type ReleaseRecord } from "./record";
import type { ReleaseRef } from "./release";
import { revisionOf, type Driver, type RevisionHint } from "./revisions";

/** How records are read; every method may fail like a network. */
export interface RecordReader {
  /** The whole record; undefined if there is none. */
  get(namespace: string, name: string): Promise<KubeObject | undefined>;
  /** Its metadata, which is enough to know the phase. */
  getMetadata(namespace: string, name: string): Promise<KubeObject | undefined>;
  /** Metadata of every record of a release. */
  list(release: ReleaseRef): Promise<KubeObject[]>;
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
  | { readonly is: "record"; readonly state: RecordState; readonly record: ReleaseRecord };

/** Reads Helm's release records. Only the newest revision counts: after a failed upgrade, an older one still says "deployed". */
export class RecordStorage {
  readonly #readers: Readonly<Record<Driver, RecordReader>>;

  /** @param readers one for each of Helm's storage drivers that keep records in the cluster */
  constructor(readers: Readonly<Record<Driver, RecordReader>>) {
    this.#readers = readers;
  }

  /**
   * Reads the newest record.
   *
   * @param hint where to begin: the highest revision seen; without it, or if it is gone, the records are listed
   */
  async newest(release: ReleaseRef, hint: RevisionHint | undefined): Promise<Newest> {
    const found = hint && (await this.#walk(release, hint));
    const listed = found ? undefined : await this.#highest(release);
    return found ?? (listed && (await this.#walk(release, listed))) ?? { is: "missing" };
  }

  /**
   * Whether a record is still the newest, unchanged and deployed: the check before every write. Helm stores the pending
   * record N+1 before it touches an object, so a write that follows a check cannot undo what Helm did before the check.
   */
  async isCurrent(release: ReleaseRef, held: RecordState): Promise<boolean> {
    const reader = this.#readers[held.driver];
    const [found, next] = await Promise.all([
      reader.getMetadata(release.namespace, recordName(release.name, held.revision)),
      reader.getMetadata(release.namespace, recordName(release.name, held.revision + 1)),
    ]);
    return (
      next === undefined &&
      found?.metadata.uid === held.uid &&
      found.metadata.resourceVersion === held.resourceVersion &&
      revisionOf(found)?.status === "deployed"
    );
  }

  /** Follows the revisions up to the last one; undefined if there is none to begin with. */
  async #walk(release: ReleaseRef, { driver, revision }: RevisionHint): Promise<Newest | undefined> {
    const [found, next] = await Promise.all([
      this.#readers[driver].get(release.namespace, recordName(release.name, revision)),
      this.#readers[driver].getMetadata(release.namespace, recordName(release.name, revision + 1)),
    ]);
    if (next) return this.#walk(release, { driver, revision: revision + 1 });
    return found && read(found, release, { driver, revision });
  }

  /** Secrets come first, because they are Helm's default. */
  async #highest(release: ReleaseRef): Promise<RevisionHint | undefined> {
    for (const driver of ["Secret", "ConfigMap"] as const) {
      const records = (await this.#readers[driver].list(release)).flatMap(record => revisionOf(record) ?? []);
      const revisions = records
        .filter(({ release: name }) => name === release.name)
        .map(({ revision }) => revision);
      if (revisions.length > 0) return { driver, revision: Math.max(...revisions) };
    }
    return undefined;
  }
}

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
    return { is: "record", state: { driver, revision, uid, resourceVersion }, record };
  } catch (error) {
    if (error instanceof RecordError) return unreadable(error.message);
    throw error;
  }
}
