import { placeKey, type Placed } from "../../capabilities/kube/kinds";
import type { KubeObject } from "../../capabilities/kube/object";
import type { ManifestReader } from "../../capabilities/lock/manifest-reader";
import { releaseKey, type ReleaseRef } from "../../capabilities/release/release";
import type { Newest } from "../../capabilities/release/storage";
import { isGone, phaseOf } from "../../capabilities/state/phase";

/** How records are found and read. */
interface Parts {
  readonly newest: (release: ReleaseRef) => Promise<Newest>;
  readonly manifests: Pick<ManifestReader, "read">;
}

/** Knows what other releases track: the record of each is read once. */
export class Rivals {
  readonly #parts: Parts;
  readonly #places = new Map<string, Promise<ReadonlySet<string>>>();

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /**
   * Whether a release's newest record tracks an object. A release that is gone tracks nothing, nor does a record that can't be read.
   *
   * @param object with its namespace, if its kind has one
   * @throws ApiError, NetworkError
   */
  async tracks(
    release: ReleaseRef,
    object: Pick<KubeObject, "apiVersion" | "kind"> & Placed,
  ): Promise<boolean> {
    const key = releaseKey(release);
    const places = this.#places.get(key) ?? this.#placesOf(release);
    this.#places.set(key, places);
    return (await places).has(placeKey(object, object));
  }

  async #placesOf(release: ReleaseRef): Promise<ReadonlySet<string>> {
    const { newest, manifests } = this.#parts;
    const found = await newest(release);
    if (found.is !== "record" || isGone(phaseOf(found))) return new Set();
    const { objects } = await manifests.read(found.record.manifest, release);
    return new Set(objects.map(({ kind, desired }) => placeKey(kind, desired)));
  }
}
