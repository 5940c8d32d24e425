import { groupOf } from "../kube/kinds";
import { ownersOf, subset, type FieldOwner, type FieldPath } from "../kube/managed-fields";
import { isObject, type JsonObject, type KubeObject } from "../kube/object";
import { BEFORE_FIRST_APPLY } from "./owners";

const REPLICAS: FieldPath = ["f:spec", "f:replicas"];

/**
 * Whether an autoscaler may have set the replicas of an object: they are others than desired, and came through the scale subresource,
 * or nobody is known to have set them. The API server notes no owner of a zero that comes through that subresource, nor of what is set
 * through it after that.
 */
export function mayBeScaled(desired: KubeObject, live: KubeObject): boolean {
  if (!isObject(desired.spec) || !isObject(live.spec)) return false;
  const wanted = desired.spec.replicas;
  if (typeof wanted !== "number" || wanted === live.spec.replicas) return false;
  const owners = ownersOf(live).filter(({ fields }) => subset(fields, REPLICAS) !== undefined);
  return owners.length === 0 || owners.some(isOpen);
}

function isOpen({ manager, subresource }: FieldOwner): boolean {
  return subresource === "scale" || manager === BEFORE_FIRST_APPLY;
}

/**
 * Whether an autoscaler targets an object. Only one that says so, a KEDA ScaledObject, or one that was made for such, may have set
 * zero. Source: KEDA docs, "Scaling Deployments"; KEDA's autoscaler never goes below one itself.
 */
export function mayHaveScaled({ kind, spec, metadata }: KubeObject, object: KubeObject): boolean {
  if (!isObject(spec) || !isObject(spec.scaleTargetRef) || !isObject(object.spec)) return false;
  const isOfKeda = kind === SCALED_OBJECT;
  const target = isOfKeda ? { ...TARGET_OF_KEDA, ...spec.scaleTargetRef } : spec.scaleTargetRef;
  if (!isTargeted(target, object)) return false;
  if (isOfKeda || object.spec.replicas !== 0) return true;
  const owners = Array.isArray(metadata.ownerReferences) ? metadata.ownerReferences : [];
  return spec.minReplicas === 0 || owners.some(owner => isObject(owner) && owner.kind === SCALED_OBJECT);
}

const SCALED_OBJECT = "ScaledObject";

/** What a ScaledObject targets where it gives a name only. Source: KEDA docs, "ScaledObject specification". */
const TARGET_OF_KEDA: JsonObject = { apiVersion: "apps/v1", kind: "Deployment" };

function isTargeted({ apiVersion, kind, name }: JsonObject, object: KubeObject): boolean {
  const group = typeof apiVersion === "string" ? groupOf(apiVersion) : "";
  return kind === object.kind && name === object.metadata.name && group === groupOf(object.apiVersion);
}
