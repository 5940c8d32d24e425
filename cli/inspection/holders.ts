import pMap from "p-map";
import { ForbiddenError } from "../../capabilities/cluster/errors";
import type { Cluster } from "../../capabilities/cluster/k8s";
import { placeKey, type Kind, type ObjectRef } from "../../capabilities/kube/kinds";
import type { KubeObject } from "../../capabilities/kube/object";
import { ownerOf } from "../../capabilities/release/ownership";
import { releaseKey, type ReleaseRef } from "../../capabilities/release/release";
import { findReleases } from "../access/releases";
import type { Finding, Inspection } from "./finding";
import type { Inspector } from "./inspector";

/** How many records are read at the same time. */
const AT_ONCE = 8;

/** An object that a user asks about. */
export interface Subject {
  readonly kind: Kind;
  readonly ref: ObjectRef;
  /** Undefined if it is not there. */
  readonly live: KubeObject | undefined;
}

/** Where to look for releases. */
interface Where {
  readonly cluster: Cluster;
  readonly inspector: Inspector;
  /** Told of what could not be looked at. */
  readonly warn: (text: string) => void;
}

/** The releases that may track an object: all of the cluster or, without a right to list these, those near it. @throws ApiError, NetworkError */
export async function releasesNear(
  { ref, live }: Subject,
  { cluster, inspector, warn }: Where,
): Promise<ReleaseRef[]> {
  const all = (namespace: string | undefined) =>
    findReleases(cluster, { namespace, selector: undefined }, inspector.revisions);
  try {
    return await all(undefined);
  } catch (error) {
    if (!(error instanceof ForbiddenError)) throw error;
    const near = new Set([ref.namespace, ownerOf(live)?.namespace].filter(name => name !== undefined));
    if (near.size === 0) throw error;
    warn(`you may not list releases of all namespaces: only those of ${[...near].join(", ")} are known`);
    return (await Promise.all([...near].map(all))).flat();
  }
}

/** Of releases, those whose newest record tracks an object; first the one that the object names. @throws ApiError, NetworkError */
export async function trackersOf(
  { kind, ref, live }: Subject,
  releases: readonly ReleaseRef[],
  inspector: Inspector,
): Promise<ReleaseRef[]> {
  const object = { apiVersion: kind.apiVersion, kind: kind.kind, metadata: ref };
  const tracks = await pMap(releases, release => inspector.rivals.tracks(release, object), {
    concurrency: AT_ONCE,
  });
  const named = ownerOf(live);
  const isNamed = (release: ReleaseRef) => (named && releaseKey(release) === releaseKey(named) ? 0 : 1);
  return releases.filter((_, index) => tracks[index]).sort((one, other) => isNamed(one) - isNamed(other));
}

/** Whether a place (see `placeKey`) is that of an object. */
export function isSubject({ kind, ref }: Subject): (place: string) => boolean {
  const own = placeKey(kind, { metadata: ref });
  return place => place === own;
}

/** The finding about an object. */
export function findingOf({ findings }: Inspection, subject: Subject): Finding | undefined {
  const isIt = isSubject(subject);
  return findings.find(({ look: { tracked } }) => isIt(placeKey(tracked.kind, tracked.desired)));
}
