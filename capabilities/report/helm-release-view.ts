import { isDeepStrictEqual } from "node:util";
import type { HelmRelease } from "../../crds/helm-release";
import { claimOf } from "../state/claim";
import type { HelmReleases } from "../state/helm-releases";
import { isKept } from "../state/kept";
import type { Lock } from "../state/lock";
import type { Standing } from "../state/standing";
import type { Store } from "../state/store";
import { viewOfError, viewOfLock, type KnownOfKinds, type View } from "./view";

/** What a view needs to know about locks. */
export type Known = Pick<Store, "lockOf"> & KnownOfKinds;

/**
 * What the status of a HelmRelease should say; undefined if another controller decides that, or if nothing is known
 * yet.
 *
 * @param controllerName the name of this controller
 */
export function viewOf(helmRelease: HelmRelease, controllerName: string, store: Known): View | undefined {
  const claim = claimOf(helmRelease, controllerName);
  if (!("release" in claim)) return undefined;
  const { name, generation } = helmRelease.metadata;
  const lock = claim.release && store.lockOf(claim.release);
  const standing = lock?.helmReleases.get(name);
  if (!lock || !standing)
    return claim.is === "invalid" ? viewOfError("InvalidSpec", claim.reason) : undefined;
  // Until its spec is in effect, nothing can be told of it.
  if (standing.generation !== generation || isForgettable(lock, name)) return undefined;
  const view = viewOfLock(lock, store);
  return claim.is === "invalid" ? notFollowed(claim.reason, view) : besideOthers(name, lock, view);
}

/** Whether the spec of a HelmRelease can't be followed, and none before it is in effect instead. */
export function isInvalid(
  helmRelease: HelmRelease,
  controllerName: string,
  store: Pick<Store, "lockFor">,
): boolean {
  const { is } = claimOf(helmRelease, controllerName);
  return is === "invalid" && store.lockFor(helmRelease.metadata.name) === undefined;
}

/** Whether a process that ends now would leave less than the status tells of. */
function isForgettable(lock: Lock, name: string): boolean {
  return lock.phase !== undefined && !isKept(lock, name);
}

/** Where a HelmRelease asked for a lock before, that lock remains in effect. */
function notFollowed(reason: string, view: View | undefined): View | undefined {
  if (!view) return undefined;
  const effect =
    view.mode === "enabled" ? "the release stays locked as it was before" : `mode ${view.mode} is in effect`;
  const message = `${reason}. Until that is mended, ${effect}.`;
  return { ...view, ready: { is: false, reason: "InvalidSpec", message } };
}

/** Where the policy of another HelmRelease holds, this one says so. */
function besideOthers(
  name: string,
  { helmReleases, governor = name }: Lock,
  view: View | undefined,
): View | undefined {
  const [own, governing] = [name, governor].map(each => askedBy(helmReleases.get(each)));
  if (!view || isDeepStrictEqual(own, governing)) return view;
  const message = `What HelmRelease ${governor} asks for holds, as it is older. ${view.ready.message}`;
  return {
    ...view,
    ready: view.ready.is ? { is: true, reason: "PolicyOfAnother", message } : { ...view.ready, message },
  };
}

function askedBy(standing: Standing | undefined): unknown {
  return standing && [standing.spec, standing.isForced];
}

/** Whether every HelmRelease of a lock is ready, as their statuses say; undefined where that is not known yet. */
export function isReady(
  { helmReleases }: Pick<Lock, "helmReleases">,
  {
    known,
    controllerName,
    store,
  }: { known: Pick<HelmReleases, "get">; controllerName: string; store: Known },
): boolean | undefined {
  const verdicts = [...helmReleases.keys()].map(name => {
    const helmRelease = known.get(name);
    return helmRelease && viewOf(helmRelease, controllerName, store)?.ready.is;
  });
  if (verdicts.includes(false)) return false;
  return verdicts.includes(undefined) ? undefined : true;
}
