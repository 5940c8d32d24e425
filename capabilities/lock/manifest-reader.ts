import type { Discovery } from "../cluster/discovery";
import { ApiError } from "../cluster/errors";
import { pathProblem, type Kind } from "../kube/kinds";
import type { KubeObject } from "../kube/object";
import { parseManifestInPieces } from "../release/manifest";
import { withOwnership } from "../release/ownership";
import type { ReleaseRef } from "../release/release";
import type { Untracked } from "../state/problems";

/** What a manifest means on this cluster. */
export interface Reading {
  /** In Helm's install order, with namespace and Helm's ownership metadata. */
  readonly objects: readonly { readonly kind: Kind; readonly desired: KubeObject }[];
  readonly untracked: readonly Untracked[];
  /** Whether some kinds may be served later: the manifest then has to be read again. */
  readonly isWaiting: boolean;
}

/** Finds out what a manifest means on this cluster: the kinds of its objects, and where they are. */
export class ManifestReader {
  readonly #discovery: Discovery;

  constructor(discovery: Discovery) {
    this.#discovery = discovery;
  }

  /**
   * Reads the manifest of a release.
   *
   * @throws NetworkError
   */
  async read(manifest: string, release: ReleaseRef): Promise<Reading> {
    const { objects: parsed, problems } = await parseManifestInPieces(manifest);
    const untracked = problems.map((problem): Untracked => ({ is: "unread", problem }));
    const objects: { kind: Kind; desired: KubeObject }[] = [];
    let isWaiting = false;
    for (const object of parsed) {
      const found = await this.#find(object);
      if ("is" in found) untracked.push(found);
      else objects.push({ kind: found, desired: place(withOwnership(object, release), found, release) });
      isWaiting ||= "is" in found && found.is !== "nowhere";
    }
    return { objects, untracked, isWaiting };
  }

  /**
   * @returns the kind of an object, or why there is none for now: an aggregated API server that does not answer must
   * not unlock the rest of a release
   */
  async #find(object: KubeObject): Promise<Kind | Untracked> {
    const { apiVersion, kind } = object;
    const named = { apiVersion, kind, name: object.metadata.name };
    const reason = pathProblem(object);
    if (reason !== undefined) return { is: "nowhere", object: named, reason };
    try {
      return (await this.#discovery.find(apiVersion, kind)) ?? { is: "not served", object: named };
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      return { is: "not looked up", object: named, error };
    }
  }
}

/** For namespaced kinds, the namespace defaults to the release's. Source: Helm's kube client, which builds with that default. */
function place(object: KubeObject, { namespaced }: Kind, release: ReleaseRef): KubeObject {
  const { namespace, ...metadata } = object.metadata;
  if (!namespaced) return { ...object, metadata: { ...metadata, name: object.metadata.name } };
  return { ...object, metadata: { ...object.metadata, namespace: namespace ?? release.namespace } };
}
