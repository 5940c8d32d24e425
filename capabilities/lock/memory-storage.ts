import { memoryCrd } from "../../crds/memory";
import { bring } from "../cluster/bring";
import { isRefusal } from "../cluster/errors";
import type { Cluster } from "../cluster/k8s";
import { ifThere } from "../cluster/replies";
import { DEFINITIONS } from "../kube/kinds";
import type { Reporter } from "../report/reporter";
import { HELM_RELEASES, type HelmReleases } from "../state/helm-releases";
import { MEMORIES, type MemorySpec } from "../state/packed-memory";

/** Where memories are, and where what can't be read is reported. */
interface Parts {
  readonly cluster: Cluster;
  readonly helmReleases: Pick<HelmReleases, "get">;
  readonly reporter: Pick<Reporter, "troubled">;
}

/** Memories by their names; undefined where they may not be listed. */
type Listed = Map<string, unknown> | undefined;

/** The memories on the API server: an object beside each HelmRelease, of the same name. Every method may throw ApiError and NetworkError. */
export class MemoryStorage {
  readonly #parts: Parts;
  #isStarting = true;
  /** What is stored, as far as this process knows: one list serves all HelmReleases of a start. */
  #listed: Promise<Listed> | undefined;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** The same as `read`, where no other locker has written it since this one started. */
  async recall(name: string): Promise<unknown> {
    if (!this.#isStarting) return this.read(name);
    this.#listed ??= this.#list(this.#namespaceOf(name));
    const listed = await this.#listed;
    return listed ? listed.get(name) : this.read(name);
  }

  /** From now on each memory is read by itself: there are few to be read at the same time. */
  started(): void {
    this.#isStarting = false;
    this.#listed = undefined;
  }

  /** What is stored; undefined if there is nothing. What may not be read is as good as nothing. */
  async read(name: string): Promise<unknown> {
    const { cluster, reporter } = this.#parts;
    try {
      return await cluster.K8s(MEMORIES).InNamespace(this.#namespaceOf(name)).Get(name);
    } catch (error) {
      if (!isRefusal(error)) throw error;
      reporter.troubled("can't recall what HelmRelease {name} locked", { name }, error);
      return undefined;
    }
  }

  /** @throws NotFoundError if their kind is not served */
  async write(name: string, spec: MemorySpec): Promise<void> {
    const { apiVersion, kind } = MEMORIES;
    const uid = spec.helmRelease;
    const owner = { apiVersion: HELM_RELEASES.apiVersion, kind: HELM_RELEASES.kind, name, uid };
    const metadata = { name, namespace: this.#namespaceOf(name), ownerReferences: [owner] };
    const memory = { apiVersion, kind, metadata, spec };
    await this.#parts.cluster.K8s(MEMORIES).Apply(memory, { fieldManager: "helm-locker", force: true });
    (await this.#listed)?.set(name, { spec });
  }

  /** Makes their kind, if there is none: it takes a moment to be served. */
  bring(): Promise<void> {
    return bring(this.#parts.cluster, DEFINITIONS, memoryCrd);
  }

  async #list(namespace: string | undefined): Promise<Listed> {
    const listed = new Map<string, unknown>();
    const actions = this.#parts.cluster.K8s(MEMORIES).InNamespace(namespace);
    try {
      await ifThere(actions.Each(({ metadata, spec }) => listed.set(metadata.name, { spec })));
      return listed;
    } catch (error) {
      if (isRefusal(error)) return undefined;
      this.#listed = undefined;
      throw error;
    }
  }

  #namespaceOf(name: string): string | undefined {
    return this.#parts.helmReleases.get(name)?.metadata.namespace;
  }
}
