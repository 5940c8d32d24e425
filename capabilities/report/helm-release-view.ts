import { isDeepStrictEqual } from "node:util";
import type { HelmRelease } from "../../crds/helm-release";
import { claimOf } from "../state/claim";
import type { Lock } from "../state/lock";
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
  const lock = claim.release && store.lockOf(claim.release);
  const { name } = helmRelease.metadata;
  if (claim.is === "invalid")
    return viewOfInvalid(claim.reason, lock?.helmReleases.has(name) === true ? lock : undefined, store);
  return lock && besideOthers(name, lock, viewOfLock(lock, store));
}

/** Where a HelmRelease asked for a lock before, that lock remains in effect. */
function viewOfInvalid(reason: string, lock: Lock | undefined, store: Known): View | undefined {
  if (!lock) return viewOfError("InvalidSpec", reason);
  const view = viewOfLock(lock, store);
  const message = `${reason}. Until that is mended, the release stays locked as it was before.`;
  return view && { ...view, ready: { is: false, reason: "InvalidSpec", message } };
}

/** Where the policy of another HelmRelease holds, this one says so. */
function besideOthers(
  name: string,
  { helmReleases, governor = name }: Lock,
  view: View | undefined,
): View | undefined {
  const [own, governing] = [name, governor].map(each => helmReleases.get(each)?.spec);
  if (view?.ready.is !== true || isDeepStrictEqual(own, governing)) return view;
  const message = `What HelmRelease ${governor} asks for holds, as it is older. ${view.ready.message}`;
  return { ...view, ready: { is: true, reason: "PolicyOfAnother", message } };
}
