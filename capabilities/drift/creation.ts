import { groupOf } from "../kube/kinds";
import { isObject, type Json, type JsonObject, type KubeObject } from "../kube/object";
import type { ReleaseRef } from "../release/release";
import type { Reason } from "./reasons";

/** What decides whether a missing object may be created. */
export interface Absence {
  readonly release: ReleaseRef;
  readonly desired: KubeObject;
  /** Whether it was seen live since the release was locked. */
  readonly wasSeen: boolean;
  /** Whether it had run to its end when it was deleted; undefined if that was not seen. */
  readonly isFinished: boolean | undefined;
  /** Whether it was another release's when last seen, and the release's newest record is still the same. */
  readonly wasRivals: boolean;
  /** Whether a HelmRelease allows creates that are not safe. */
  readonly allowsCreate: boolean;
  /** Whether only a policy has named the release, so that its record alone can claim nothing. @default false */
  readonly isUnnamed?: boolean | undefined;
}

/**
 * Returns why a missing object is not created.
 *
 * What has run to its end is not run again, whoever cleaned it up. What was another release's is that release's to make
 * again: its Helm may have uninstalled it. Anyone who can write Secrets in a release's namespace can forge a record, so a
 * record alone is no reason to create what reaches beyond that namespace, nor anything of a release that only a policy has named.
 *
 * @returns undefined if it may be created
 */
export function uncreatable(absence: Absence): Reason | undefined {
  const { desired, wasSeen, isFinished, wasRivals, allowsCreate } = absence;
  if (isFinished ?? runsOnce(desired)) return { is: "finished" };
  if (wasRivals && !allowsCreate) return { is: "gone with another" };
  if (runsOnce(desired) || wasSeen || allowsCreate || mayBeClaimed(absence)) return undefined;
  return absence.isUnnamed === true ? { is: "never seen by policy" } : { is: "never seen" };
}

/**
 * Whether an object has run to its end. Source: Job conditions Complete and Failed; Pod phases; for custom resources the time
 * at which Argo Workflows, Tekton, Velero and others note that they have finished.
 */
export function isFinished(object: KubeObject): boolean {
  if (!isObject(object.status)) return false;
  const { status } = object;
  if (isJobOrPod(object)) {
    if (status.phase === "Succeeded" || status.phase === "Failed") return true;
    return Array.isArray(status.conditions) && status.conditions.some(isEnd);
  }
  const hasTime = (name: string) => typeof status[name] === "string";
  return (isCustom(object) && END_TIMES.some(hasTime)) || (runsOnce(object) && hasTime("endTime"));
}

const END_TIMES = ["completionTime", "completionTimestamp", "completedAt", "finishedAt", "terminationTime"];

function isEnd(condition: Json): boolean {
  return (
    isObject(condition) &&
    condition.status === "True" &&
    (condition.type === "Complete" || condition.type === "Failed")
  );
}

/** Whether an object does its work once and may be cleaned up then: Jobs, Pods, and what is known, or says, to be like a Job. */
function runsOnce(object: KubeObject): boolean {
  if (isJobOrPod(object) || RUN_ONCE.has(`${groupOf(object.apiVersion)}/${object.kind}`)) return true;
  return isCustom(object) && isObject(object.spec) && hasTtl(object.spec);
}

/** Kinds of which each object is one run: what has a time to live beside them, such as a DNS record, is there for good. */
const RUN_ONCE = new Set([
  "argoproj.io/Workflow",
  "batch.volcano.sh/Job",
  "jobset.x-k8s.io/JobSet",
  "k6.io/TestRun",
  "postgresql.cnpg.io/Backup",
  "ray.io/RayJob",
  "sparkoperator.k8s.io/SparkApplication",
  "tekton.dev/CustomRun",
  "tekton.dev/PipelineRun",
  "tekton.dev/TaskRun",
  "trainer.kubeflow.org/TrainJob",
  "velero.io/Backup",
  "velero.io/Restore",
]);

function isJobOrPod({ apiVersion, kind }: KubeObject): boolean {
  return (kind === "Job" && groupOf(apiVersion) === "batch") || (kind === "Pod" && apiVersion === "v1");
}

/** Kubernetes' own groups have no dot, or end with k8s.io; what an owner makes is the owner's to make again. */
function isCustom({ apiVersion, metadata }: KubeObject): boolean {
  const group = groupOf(apiVersion);
  return group.includes(".") && !group.endsWith(".k8s.io") && !Array.isArray(metadata.ownerReferences);
}

/** The field of a Job, which kinds like it have in their spec or one level below. Source: Kubeflow's runPolicy. */
function hasTtl(spec: JsonObject): boolean {
  return [spec, ...Object.values(spec)].some(
    place => isObject(place) && typeof place.ttlSecondsAfterFinished === "number",
  );
}

/** Whether the record alone can claim an object for its release. */
export function mayBeClaimed({
  desired,
  release,
  isUnnamed = false,
}: Pick<Absence, "desired" | "release" | "isUnnamed">): boolean {
  return !isUnnamed && !reachesBeyond(desired, release.namespace);
}

/** Whether a record alone can't claim an object for its release: the object lies outside the release's namespace, or grants rights. */
export function reachesBeyond(object: KubeObject, namespace: string): boolean {
  return object.metadata.namespace !== namespace || grantsRights(object);
}

/** Groups whose every kind is about rights: Kubernetes' own, and OpenShift's older one, which the same objects are served in. */
const AUTHORIZATION = new Set(["rbac.authorization.k8s.io", "authorization.openshift.io"]);

/** Kinds that grant rights, whatever their group: roles, and what gives somebody a role, as in Rancher, Argo CD and clouds. */
const ROLE = /^(Cluster|Global|Project)?Role$|Role(Template)?Binding$|^RBACDefinition$/;

function grantsRights({ apiVersion, kind }: KubeObject): boolean {
  return AUTHORIZATION.has(groupOf(apiVersion)) || ROLE.test(kind);
}
