import { helmReleaseSchema, type HelmRelease } from "../../crds/helm-release";
import { namedSchema } from "../../crds/spec";
import { NotFoundError } from "../../capabilities/cluster/errors";
import type { Cluster } from "../../capabilities/cluster/k8s";
import { ifThere } from "../../capabilities/cluster/replies";
import type { KubeObject } from "../../capabilities/kube/object";
import { DEFAULT_POLICY } from "../../capabilities/policy/policy";
import { releaseKey, type ReleaseRef } from "../../capabilities/release/release";
import { claimOf, MANAGED_BY_ANNOTATION, standingOf } from "../../capabilities/state/claim";
import { HELM_RELEASES } from "../../capabilities/state/helm-releases";
import { governing, type Standing } from "../../capabilities/state/standing";
import { UserError } from "../errors";
import { conditionOf } from "./conditions";

/** A HelmRelease, and how it asks for its release to be locked. */
export interface Held {
  readonly helmRelease: HelmRelease;
  readonly release: ReleaseRef;
  readonly standing: Standing;
  /** Whether it counts for the lock: not if its spec can't be followed, and never could. */
  readonly isInEffect: boolean;
}

/** What locks one release. */
export interface Ruling {
  /** The HelmRelease whose policy holds; where none is in effect, the oldest. */
  readonly governor: Held;
  readonly others: readonly Held[];
}

/** The locks of one cluster, by what its HelmReleases ask for. */
export class Locks {
  /** All HelmReleases by name, whether they lock anything or not. */
  readonly helmReleases = new Map<string, HelmRelease>();
  readonly #byRelease = new Map<string, Map<string, Held>>();
  /** HelmReleases that are other controllers', by the release that they name. */
  readonly #foreign = new Map<string, HelmRelease>();

  constructor(helmReleases: Iterable<HelmRelease> = []) {
    for (const helmRelease of helmReleases) this.#add(helmRelease);
  }

  /** Every release that is locked, by namespace and name. */
  get releases(): ReleaseRef[] {
    const rulings = [...this.#byRelease].sort(([one], [other]) => (one < other ? -1 : 1));
    return rulings.flatMap(([, held]) => [...held.values()].slice(0, 1).map(({ release }) => release));
  }

  /** What locks a release; undefined if nothing does. */
  of(release: ReleaseRef): Ruling | undefined {
    const held = this.#byRelease.get(releaseKey(release)) ?? new Map<string, Held>();
    const counting = [...held].filter(([, { isInEffect }]) => isInEffect);
    const { governor: name = "" } = governing(
      new Map((counting.length > 0 ? counting : [...held]).map(([key, { standing }]) => [key, standing])),
    );
    const governor = held.get(name);
    return governor && { governor, others: [...held.values()].filter(other => other !== governor) };
  }

  /** A HelmRelease of another controller that names a release. */
  foreignOf(release: ReleaseRef): HelmRelease | undefined {
    return this.#foreign.get(releaseKey(release));
  }

  #add(helmRelease: HelmRelease): void {
    const { name } = helmRelease.metadata;
    this.helmReleases.set(name, helmRelease);
    const claim = claimOf(helmRelease, process.env.HELM_LOCKER_CONTROLLER_NAME ?? "helm-locker");
    const release = releaseOf(helmRelease);
    if (!release) return;
    if (claim.is === "foreign") this.#foreign.set(releaseKey(release), helmRelease);
    if (claim.is !== "valid" && claim.is !== "invalid") return;
    const read = claim.is === "valid" ? claim : { policy: DEFAULT_POLICY, spec: {} };
    const standing = standingOf(helmRelease, read, claim.is === "invalid" && claim.suspends);
    const key = releaseKey(release);
    const ofRelease = this.#byRelease.get(key) ?? new Map<string, Held>();
    const isInEffect = claim.is === "valid" || isStillFollowed(helmRelease);
    ofRelease.set(name, { helmRelease, release, standing, isInEffect });
    this.#byRelease.set(key, ofRelease);
  }
}

/** The release that a HelmRelease names, whatever else is in it; undefined if it names none. */
export function releaseOf({ spec }: HelmRelease): ReleaseRef | undefined {
  const { name, namespace } = namedSchema.safeParse(spec).data?.release ?? {};
  return name && namespace ? { name, namespace } : undefined;
}

/** Of a spec that can't be followed, whether what it asked for before is in effect: then there is a lock to tell of. */
function isStillFollowed(helmRelease: HelmRelease): boolean {
  const locked = conditionOf(helmRelease, "Locked");
  return locked !== undefined && locked.reason !== "InvalidSpec";
}

/** The name of the controller that a HelmRelease belongs to; undefined until one has claimed it. */
export function controllerOf({ metadata }: HelmRelease): string | undefined {
  return metadata.annotations?.[MANAGED_BY_ANNOTATION];
}

/** Reads a HelmRelease; undefined if it can't be one. */
export function asHelmRelease(object: KubeObject): HelmRelease | undefined {
  return helmReleaseSchema.safeParse(object).data;
}

/**
 * The HelmReleases of a cluster.
 *
 * @param namespace the registration namespace
 * @throws UserError where the cluster does not know HelmReleases; ApiError, NetworkError
 */
export async function helmReleasesIn(cluster: Cluster, namespace: string): Promise<HelmRelease[]> {
  try {
    return await listed(cluster, namespace);
  } catch (error) {
    if (!(error instanceof NotFoundError)) throw error;
    throw new UserError(NOT_INSTALLED, { cause: error });
  }
}

const NOT_INSTALLED =
  "the cluster knows no HelmReleases: Helm Locker is not installed. Install it with npx pepr deploy, or with its chart: helm install helm-locker dist/helm-locker-*.tgz (docs/install.md)";

/**
 * The locks of a cluster; none where it does not know HelmReleases.
 *
 * @param namespace the registration namespace
 * @throws ApiError, NetworkError
 */
export async function locksIn(cluster: Cluster, namespace: string): Promise<Locks> {
  return new Locks(await ifThere(listed(cluster, namespace)));
}

async function listed(cluster: Cluster, namespace: string): Promise<HelmRelease[]> {
  const helmReleases: HelmRelease[] = [];
  await cluster
    .K8s(HELM_RELEASES)
    .InNamespace(namespace)
    .Each(object => {
      const helmRelease = asHelmRelease(object);
      if (helmRelease) helmReleases.push(helmRelease);
    });
  return helmReleases;
}
