import { objectKey } from "../kube/kinds";
import { releaseKey, type ReleaseRef } from "../release/release";
import type { ControllerName, Request } from "../work/controller";
import type { Lock, Tracked } from "./lock";

/** Install the CRD of a kind, and follow its objects from then on. */
export function toBringDefinition(kind: string): Request {
  return alone("definition", kind);
}

/** Bring the locks in line with a HelmRelease. */
export function toRegister(helmRelease: string): Request {
  return alone("registration", helmRelease);
}

/** Bring the HelmRelease that policies make for a release in line with them. */
export function toAssign(release: ReleaseRef): Request {
  return alone("assignment", releaseKey(release));
}

/** Claim a HelmLockerPolicy, and bring its status in line with what is known. */
export function toFollowPolicy(name: string): Request {
  return alone("locker policy", name);
}

/** Bring a lock in line with its release's newest record. */
export function toLoad(release: ReleaseRef): Request {
  return alone("release", releaseKey(release));
}

/** Find out whether the kinds of an API version are still served where they are tracked. */
export function toFindKinds(apiVersion: string): Request {
  return alone("kinds", apiVersion);
}

/** Find out what of a lock the locker may not write. */
export function toAskForRights(release: ReleaseRef): Request {
  return alone("rights", releaseKey(release));
}

/** Bring an object in line with what its release tracks. */
export function toLookAt({ lock, kind, desired }: Tracked): Request {
  return { controller: "object", group: releaseKey(lock.release), name: objectKey(kind, desired) };
}

/** Bring in line every object of a lock that is not known to be right, in Helm's install order. */
export function toLookAtAll({ objects }: Lock): Request[] {
  return [...objects.values()].filter(({ observed }) => observed.as !== "right").map(toLookAt);
}

/** Find out what the API server has to be told of all locks. */
export function toAdmit(): Request {
  return alone("admission", "all");
}

/** Make what the API server needs to be told of locks. */
export function toBringAdmission(): Request {
  return alone("admission", "policies");
}

/** Bring one ReleaseLock in line with that. @param key "namespace/name" of the ReleaseLock */
export function toWriteReleaseLock(key: string): Request {
  return alone("admission", key);
}

/** Keep the place of this locker among those that run at the same time. */
export function toRank(): Request {
  return alone("rank", "own");
}

/** Bring what is remembered beside a HelmRelease in line with what is known. */
export function toRemember(helmRelease: string): Request {
  return { ...alone("memory", helmRelease), canWait: true };
}

/** Bring the status of a HelmRelease in line with what is known. */
export function toWriteStatus(helmRelease: string): Request {
  return alone("status", helmRelease);
}

/** Write the news of one series into Events. */
export function toTell(series: string): Request {
  return alone("event", series);
}

/** Write the news of objects into Events. */
export function toTellOnObjects(): Request {
  return alone("object event", "all");
}

/** Work that forms its own group. */
function alone(controller: ControllerName, name: string): Request {
  return { controller, group: `${controller} ${name}`, name };
}
