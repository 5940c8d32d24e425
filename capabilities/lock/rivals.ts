import { groupOf, refOf } from "../kube/kinds";
import type { KubeObject } from "../kube/object";
import { parseManifestInPieces } from "../release/manifest";
import type { ReleaseRef } from "../release/release";
import type { Revisions } from "../release/revisions";
import type { RecordStorage } from "../release/storage";

/** Knows what other releases track; an object's annotations prove nothing, because anybody may write them. */
export class Rivals {
  readonly #storage: RecordStorage;
  readonly #revisions: Revisions;

  constructor({ storage, revisions }: { storage: RecordStorage; revisions: Revisions }) {
    this.#storage = storage;
    this.#revisions = revisions;
  }

  /**
   * Whether a release's newest record tracks an object. An uninstalled release tracks nothing.
   *
   * @param object with its namespace, if its kind has one
   * @throws ApiError, NetworkError
   */
  async tracks(release: ReleaseRef, object: KubeObject): Promise<boolean> {
    const newest = await this.#storage.newest(release, this.#revisions.highest(release));
    // An unreadable record may track the object: the other release's Helm comes first.
    if (newest.is === "unreadable") return true;
    if (newest.is === "missing" || newest.record.status === "uninstalled") return false;
    const { objects } = await parseManifestInPieces(newest.record.manifest);
    return objects.some(other => isSameObject(other, object, release.namespace));
  }
}

function isSameObject(written: KubeObject, object: KubeObject, defaultNamespace: string): boolean {
  const { namespace, name } = refOf(object);
  const of = refOf(written);
  return (
    written.kind === object.kind &&
    groupOf(written.apiVersion) === groupOf(object.apiVersion) &&
    of.name === name &&
    (namespace === undefined || (of.namespace ?? defaultNamespace) === namespace)
  );
}
