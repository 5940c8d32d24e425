import { objectKey } from "../kube/kinds";
import { releaseKey, type ReleaseRef } from "../release/release";
import type { ControllerName, Request } from "../work/controller";
import type { Tracked } from "./lock";

/** Bring the definition of HelmReleases, and follow them from then on. */
export function toBringDefinition(): Request {
  return alone("definition", "HelmRelease");
}

/** Bring the locks in line with a HelmRelease. */
export function toRegister(helmRelease: string): Request {
  return alone("registration", helmRelease);
}

/** Bring a lock in line with its release's newest record. */
export function toLoad(release: ReleaseRef): Request {
  return alone("release", releaseKey(release));
}

/** Find out what of a lock may not be written. */
export function toAskForRights(release: ReleaseRef): Request {
  return alone("rights", releaseKey(release));
}

/** Bring an object in line with what its release tracks. */
export function toLookAt({ lock, kind, desired }: Tracked): Request {
  return { controller: "object", group: releaseKey(lock.release), name: objectKey(kind, desired) };
}

/** Bring the status of a HelmRelease in line with what is known. */
export function toWriteStatus(helmRelease: string): Request {
  return alone("status", helmRelease);
}

/** Write what there is to tell in Events of one series. */
export function toTell(series: string): Request {
  return alone("event", series);
}

/** Work that is a group of its own. */
function alone(controller: ControllerName, name: string): Request {
  return { controller, group: `${controller} ${name}`, name };
}
