import type { HelmRelease } from "../../crds/helm-release";
import { isRefusal } from "../../capabilities/cluster/errors";
import type { Cluster } from "../../capabilities/cluster/k8s";
import type { Watch } from "../../capabilities/cluster/watch";
import { withResolvers } from "../../capabilities/cluster/resolvers";
import { HELM_RELEASES, HelmReleases } from "../../capabilities/state/helm-releases";
import { asHelmRelease, Locks } from "./locks";

/** Where HelmReleases are. */
export interface Place {
  readonly cluster: Cluster;
  /** The registration namespace. */
  readonly namespace: string;
}

/** What is told of HelmReleases. */
export interface Told {
  /** One was listed, or has changed. */
  changed(helmRelease: HelmRelease): void;
  gone(helmRelease: HelmRelease): void;
  /** All were listed. */
  listed?(): void;
  /** They are not seen for now. */
  failed(error: unknown): void;
  /** They are seen again. */
  resumed?(): void;
}

/** Follows the HelmReleases of a cluster from now on. */
export function follow({ cluster, namespace }: Place, told: Told): Watch {
  const known = new HelmReleases();
  const watch = cluster
    .K8s(HELM_RELEASES)
    .InNamespace(namespace)
    .Watch(
      {
        changed: object => {
          const helmRelease = asHelmRelease(object);
          if (!helmRelease) return false;
          known.note(helmRelease);
          told.changed(helmRelease);
          return true;
        },
        deleted: object => {
          const helmRelease = asHelmRelease(object);
          if (!helmRelease) return;
          known.forget(helmRelease);
          told.gone(helmRelease);
        },
        listed: present => {
          for (const helmRelease of known.retain(present)) told.gone(helmRelease);
          told.listed?.();
        },
        failed: error => {
          told.failed(error);
        },
        resumed: () => told.resumed?.(),
        setBack: () => {
          known.setBack();
        },
      },
      true,
    );
  watch.start();
  return watch;
}

/**
 * Waits for a state of the locks.
 *
 * @param look returns undefined until it is as awaited
 * @returns what it returned; undefined if the time is over first
 * @throws what it throws, and what keeps the locks from being seen: a refusal at once, all else once the time is over
 */
export async function untilLocks<T>(
  place: Place,
  milliseconds: number,
  look: (locks: Locks) => T | undefined,
): Promise<T | undefined> {
  const all = new Map<string, HelmRelease>();
  const { promise, resolve, reject } = withResolvers<T | undefined>();
  let isListed = false;
  let trouble: unknown;
  const see = () => {
    try {
      const found = isListed ? look(new Locks(all.values())) : undefined;
      if (found !== undefined) resolve(found);
    } catch (error) {
      reject(error);
    }
  };
  const watch = follow(place, {
    changed: helmRelease => {
      all.set(helmRelease.metadata.name, helmRelease);
      see();
    },
    gone: ({ metadata }) => {
      all.delete(metadata.name);
      see();
    },
    listed: () => {
      isListed = true;
      trouble = undefined;
      see();
    },
    failed: error => {
      trouble = error;
      if (isRefusal(error)) reject(error);
    },
    resumed: () => {
      trouble = undefined;
    },
  });
  const timer = setTimeout(() => {
    if (trouble === undefined) resolve(undefined);
    else reject(trouble);
  }, milliseconds);
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
    watch.stop();
  }
}
