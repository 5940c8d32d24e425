import { isObject, type Json, type KubeObject } from "../release/object";
import type { ReleaseRef } from "../release/release";

/** Lets the locker create or adopt what it never saw live under a release: on a HelmRelease, with the value "true". */
export const ALLOW_CREATE_ANNOTATION = "helmreleases.cattle.io/allow-create";

/** What decides whether an object that is not there may be created. */
export interface Absence {
  readonly release: ReleaseRef;
  readonly desired: KubeObject;
  /** Whether it was seen live since it is locked. */
  readonly wasSeen: boolean;
  /** Whether it had run to its end when last seen. */
  readonly isFinished: boolean | undefined;
  /** Whether a HelmRelease allows what is not safe to create. */
  readonly isAllowed: boolean;
}

/**
 * Why an absent object is not created.
 *
 * A Job or Pod that has run is not run again, whoever cleaned it up. And whoever can write Secrets in a release's namespace can forge a
 * record: what reaches beyond that namespace is not created on the word of a record alone.
 *
 * @returns undefined where it may be created; "" where there is nothing to say of it
 */
export function uncreatable({
  release,
  desired,
  wasSeen,
  isFinished,
  isAllowed,
}: Absence): string | undefined {
  if (runsOnce(desired)) return isFinished === false ? undefined : "";
  if (wasSeen || isAllowed || !reachesBeyond(desired, release.namespace)) return undefined;
  return (
    "it is missing and was never seen since it is locked, and it reaches beyond the release's namespace: " +
    `run helm upgrade or rollback to create it, or annotate the HelmRelease with ${ALLOW_CREATE_ANNOTATION}=true`
  );
}

/** Whether an object has run to its end. Source: Job conditions Complete and Failed; Pod phases. */
export function isFinished(object: KubeObject): boolean {
  if (!runsOnce(object) || !isObject(object.status)) return false;
  const { phase, conditions } = object.status;
  if (phase === "Succeeded" || phase === "Failed") return true;
  return Array.isArray(conditions) && conditions.some(isEnd);
}

function isEnd(condition: Json): boolean {
  return (
    isObject(condition) &&
    condition.status === "True" &&
    (condition.type === "Complete" || condition.type === "Failed")
  );
}

function runsOnce({ apiVersion, kind }: KubeObject): boolean {
  return (kind === "Job" && apiVersion.startsWith("batch/")) || (kind === "Pod" && apiVersion === "v1");
}

/** Whether an object is not the release's to have on the word of its record alone: it lies outside its namespace, or grants rights. */
export function reachesBeyond({ apiVersion, metadata }: KubeObject, namespace: string): boolean {
  return metadata.namespace !== namespace || apiVersion.startsWith("rbac.authorization.k8s.io/");
}
