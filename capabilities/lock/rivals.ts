import { groupOf, refOf } from "../kube/kinds";
import type { KubeObject } from "../kube/object";
import { parseManifestInPieces } from "../release/manifest";
import { newestRecord, type RecordSearch } from "../release/newest";
import type { ReleaseRef } from "../release/release";

/** Knows what other releases track; an object's annotations prove nothing, because anybody may write them. */
export class Rivals {
  readonly #search: RecordSearch;

  constructor(search: RecordSearch) {
    this.#search = search;
  }

  /**
   * Whether a release's newest record tracks an object. An uninstalled release tracks nothing.
   *
   * @param object with its namespace, if its kind has one
   * @throws ApiError, NetworkError
   */
  async tracks(release: ReleaseRef, object: KubeObject): Promise<boolean> {
    const newest = await newestRecord(release, this.#search);
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
