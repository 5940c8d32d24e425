import { groupOf } from "../kube/kinds";
import { isObject, type Json, type KubeObject } from "../kube/object";
import type { ReleaseRef } from "../release/release";
import type { Reason } from "./reasons";

/** What decides whether a missing object may be created. */
export interface Absence {
  readonly release: ReleaseRef;
  readonly desired: KubeObject;
  /** Whether it was seen live since the release was locked. */
  readonly wasSeen: boolean;
  /** Whether it had run to its end when last seen. */
  readonly isFinished: boolean | undefined;
  /** Whether a HelmRelease allows creates that are not safe. */
  readonly allowsCreate: boolean;
}

/**
 * Returns why a missing object is not created.
 *
 * A Job or Pod that has run is not run again, whoever cleaned it up. Anyone who can write Secrets in a release's
 * namespace can forge a record, so a record alone is no reason to create what reaches beyond that namespace.
 *
 * @returns undefined if it may be created
 */
export function uncreatable({
  release,
  desired,
  wasSeen,
  isFinished,
  allowsCreate,
}: Absence): Reason | undefined {
  if (runsOnce(desired)) return isFinished === false ? undefined : { is: "finished" };
  if (wasSeen || allowsCreate || !reachesBeyond(desired, release.namespace)) return undefined;
  return { is: "never seen" };
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
  return (kind === "Job" && groupOf(apiVersion) === "batch") || (kind === "Pod" && apiVersion === "v1");
}

/** Whether a record alone can't claim an object for its release: the object lies outside the release's namespace, or grants rights. */
export function reachesBeyond({ apiVersion, metadata }: KubeObject, namespace: string): boolean {
  return metadata.namespace !== namespace || groupOf(apiVersion) === "rbac.authorization.k8s.io";
}
