import { helmReleaseSchema, type HelmRelease } from "../../crds/helm-release";
import type { Cluster } from "../../capabilities/cluster/k8s";
import { ifThere } from "../../capabilities/cluster/replies";
import { releaseKey, type ReleaseRef } from "../../capabilities/release/release";
import { claimOf, standingOf } from "../../capabilities/state/claim";
import { HELM_RELEASES } from "../../capabilities/state/helm-releases";
import { governing, type Standing } from "../../capabilities/state/standing";

/** A HelmRelease, and how it asks for its release to be locked. */
export interface Held {
  readonly helmRelease: HelmRelease;
  readonly standing: Standing;
}

/** The locks of one cluster, by what its HelmReleases ask for. */
export class Locks {
  readonly #byRelease = new Map<string, Map<string, Held>>();

  /** Notes a HelmRelease; one that names no release, or is another controller's, locks nothing. */
  add(helmRelease: HelmRelease): void {
    const claim = claimOf(helmRelease, process.env.HELM_LOCKER_CONTROLLER_NAME ?? "helm-locker");
    if (claim.is !== "valid") return;
    const key = releaseKey(claim.release);
    const ofRelease = this.#byRelease.get(key) ?? new Map<string, Held>();
    ofRelease.set(helmRelease.metadata.name, {
      helmRelease,
      standing: standingOf(helmRelease, claim, false),
    });
    this.#byRelease.set(key, ofRelease);
  }

  /** The HelmRelease of a release whose policy holds, and the others; undefined if there is none. */
  of(release: ReleaseRef): { readonly governor: Held; readonly others: readonly Held[] } | undefined {
    const held = this.#byRelease.get(releaseKey(release)) ?? new Map<string, Held>();
    const { governor: name = "" } = governing(
      new Map([...held].map(([key, { standing }]) => [key, standing])),
    );
    const governor = held.get(name);
    return governor && { governor, others: [...held.values()].filter(other => other !== governor) };
  }
}

/**
 * The locks of a cluster; none where it does not know HelmReleases.
 *
 * @param namespace the registration namespace
 * @throws ApiError, NetworkError
 */
export async function locksIn(cluster: Cluster, namespace: string): Promise<Locks> {
  const locks = new Locks();
  const list = cluster
    .K8s(HELM_RELEASES)
    .InNamespace(namespace)
    .Each(object => {
      const { data } = helmReleaseSchema.safeParse(object);
      if (data) locks.add(data);
    });
  await ifThere(list);
  return locks;
}
