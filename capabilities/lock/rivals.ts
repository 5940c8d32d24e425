import { groupOf, refOf } from "../kube/kinds";
import type { KubeObject } from "../kube/object";
import { parseManifestInPieces } from "../release/manifest";
import type { ReleaseRef } from "../release/release";
import type { Revisions } from "../release/revisions";
import type { RecordStorage } from "../release/storage";

/** Knows what other releases track: what an object's annotations say of it is anybody's word. */
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
   * @param object with its namespace, where its kind has one
   * @throws ApiError, NetworkError
   */
  async tracks(release: ReleaseRef, object: KubeObject): Promise<boolean> {
    const newest = await this.#storage.newest(release, this.#revisions.highest(release));
    // What can't be read may track it: its own Helm comes first.
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
