import type { Cluster } from "../cluster/k8s";
import { isRefusal } from "../cluster/errors";
import { refOf, type Kind, type ObjectRef } from "../kube/kinds";
import { isManagedByGitOps } from "../policy/gitops";
import { newestRecord, type RecordSearch } from "../release/newest";
import { releaseKey, type ReleaseRef } from "../release/release";
import type { ManifestReader } from "./manifest-reader";

/** How many objects of a release are read: what manages one of them manages them all. */
const MOST = 5;

/** How many answers are remembered. */
const MOST_ANSWERS = 10_000;

interface Parts extends RecordSearch {
  readonly cluster: Cluster;
  readonly manifests: ManifestReader;
}

/** Finds out whether a GitOps controller manages a release: its manifest says so, or the first of its objects do. */
export class GitOps {
  readonly #parts: Parts;
  /** By release, what was found, and of which record. */
  readonly #answers = new Map<string, { readonly record: string; readonly isManaged: boolean }>();

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** @throws ApiError, NetworkError */
  async manages(release: ReleaseRef): Promise<boolean> {
    const key = releaseKey(release);
    const { driver = "", revision = 0 } = this.#parts.revisions.highest(release) ?? {};
    const record = `${driver} ${revision}`;
    const known = this.#answers.get(key);
    if (known?.record === record) return known.isManaged;
    const isManaged = await this.#look(release);
    if (this.#answers.size >= MOST_ANSWERS) this.#answers.clear();
    this.#answers.set(key, { record, isManaged });
    return isManaged;
  }

  async #look(release: ReleaseRef): Promise<boolean> {
    const newest = await newestRecord(release, this.#parts);
    if (newest.is !== "record") return false;
    const { objects } = await this.#parts.manifests.read(newest.record.manifest, release);
    if (objects.some(({ desired }) => isManagedByGitOps(desired))) return true;
    for (const { kind, desired } of objects.slice(0, MOST)) {
      const live = await this.#read(kind, refOf(desired));
      if (live && isManagedByGitOps(live)) return true;
    }
    return false;
  }

  /** What may not be read says nothing. */
  async #read(kind: Kind, { name, namespace }: ObjectRef) {
    try {
      return await this.#parts.cluster.K8s(kind).InNamespace(namespace).MetadataOnly().Get(name);
    } catch (error) {
      if (isRefusal(error)) return undefined;
      throw error;
    }
  }
}
