import { helmReleaseKind, type HelmRelease } from "../../crds/helm-release";
import { kindOf, presenceKey } from "../kube/kinds";
import { isOlderState } from "../kube/version";

/** The kind of HelmReleases. */
export const HELM_RELEASES = kindOf({
  ...helmReleaseKind,
  apiVersion: `${helmReleaseKind.group}/${helmReleaseKind.version}`,
  namespaced: true,
});

/** The HelmReleases of the registration namespace, as one watch reports them. */
export class HelmReleases {
  readonly #known = new Map<string, HelmRelease>();
  #areListed = false;

  /** Whether the HelmReleases that existed at startup have been listed. */
  get areListed(): boolean {
    return this.#areListed;
  }

  /** A HelmRelease in its last noted state. */
  get(name: string): HelmRelease | undefined {
    return this.#known.get(name);
  }

  /** Every HelmRelease in its last noted state. */
  all(): Iterable<HelmRelease> {
    return this.#known.values();
  }

  /** Notes a HelmRelease from the watch. A state older than the reply to one of our writes is no news. */
  note(helmRelease: HelmRelease): void {
    const { metadata } = helmRelease;
    const known = this.#known.get(metadata.name);
    if (known && isOlderState(metadata, known.metadata)) return;
    this.#known.set(metadata.name, helmRelease);
  }

  /** Notes the reply to a write, which may come after the watch has reported the deletion: unknown HelmReleases are ignored. */
  update(helmRelease: HelmRelease): void {
    const { name, uid } = helmRelease.metadata;
    if (this.#known.get(name)?.metadata.uid === uid) this.note(helmRelease);
  }

  /** Notes that the history of the cluster has been set back: any state may be news, also one with a lower resourceVersion. */
  setBack(): void {
    for (const [name, known] of this.#known) {
      this.#known.set(name, { ...known, metadata: { ...known.metadata, resourceVersion: undefined } });
    }
  }

  /** Notes that a HelmRelease is gone. */
  forget({ metadata: { name, uid } }: HelmRelease): void {
    if (this.#known.get(name)?.metadata.uid === uid) this.#known.delete(name);
  }

  /**
   * Notes that a list is complete.
   *
   * @param present "namespace/name" of those listed
   * @returns the known HelmReleases that are not among them, and so are gone
   */
  retain(present: ReadonlySet<string>): HelmRelease[] {
    this.#areListed = true;
    const gone = [...this.#known.values()].filter(
      ({ metadata }) => !present.has(presenceKey(metadata.namespace, metadata.name)),
    );
    for (const helmRelease of gone) this.forget(helmRelease);
    return gone;
  }
}
