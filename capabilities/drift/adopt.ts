import { groupOf } from "../kube/kinds";
import { ownersOf, subset, type FieldPath } from "../kube/managed-fields";
import { isObject, type Json, type JsonObject, type KubeObject } from "../kube/object";
import { isController } from "./owners";

const REPLICAS: FieldPath = ["f:spec", "f:replicas"];

/** A caBundle without content: empty, or a line feed, which charts write for cert-manager to fill in. */
const PLACEHOLDERS = new Set<Json>(["", "Cg==", null]);

/** Kinds that a CA injector fills in. Source: cert-manager docs, "CA Injector". */
const BUNDLED = new Set([
  "APIService",
  "CustomResourceDefinition",
  "MutatingWebhookConfiguration",
  "ValidatingWebhookConfiguration",
]);

/**
 * Returns the desired object with the live values of fields that it leaves to others. So an apply neither fights these
 * others nor strips what it would no longer own. Source: fluxcd/pkg ssa, on ignored fields.
 *
 * @param isAutoscaled whether an autoscaler has set replicas that nobody owns; the object itself does not show this
 */
export function adopt(desired: KubeObject, live: KubeObject, isAutoscaled = false): KubeObject {
  let adopted: JsonObject = desired;
  if (isAutoscaled || isScaled(live)) adopted = taking(adopted, live, "spec", "replicas");
  // A controller sets the rules of an aggregated ClusterRole. Source: Kubernetes docs, "Aggregated ClusterRoles".
  if (desired.kind === "ClusterRole" && isObject(desired.aggregationRule))
    adopted = { ...adopted, rules: live.rules ?? [] };
  return BUNDLED.has(desired.kind)
    ? { ...desired, ...withBundles(adopted, live) }
    : { ...desired, ...adopted };
}

/** Field managers of the HorizontalPodAutoscaler's controller, and of KEDA, which itself scales to zero and back. */
const AUTOSCALERS = new Set(["kube-controller-manager", "keda"]);

/** Whether an autoscaler, or a controller of the object, set the replicas through the scale subresource. */
function isScaled(live: KubeObject): boolean {
  const owners = ownersOf(live);
  return owners.some(
    owner =>
      owner.subresource === "scale" &&
      (AUTOSCALERS.has(owner.manager) || isController(owner, owners)) &&
      subset(owner.fields, REPLICAS) !== undefined,
  );
}

/**
 * Whether an object has other replicas than desired, and nobody owns them: the API server records no owner for a zero
 * that comes through the scale subresource, nor for what is set through it after that.
 */
export function hasUnownedReplicas(desired: KubeObject, live: KubeObject): boolean {
  if (!isObject(desired.spec) || !isObject(live.spec)) return false;
  const wanted = desired.spec.replicas;
  if (wanted === undefined || wanted === live.spec.replicas) return false;
  return !ownersOf(live).some(({ fields }) => subset(fields, REPLICAS) !== undefined);
}

/**
 * Whether a HorizontalPodAutoscaler may have set the replicas of an object. Only an autoscaler that allows zero, or one
 * made for a KEDA ScaledObject, may have set zero.
 * Source: KEDA docs, "Scaling Deployments"; KEDA's autoscaler never goes below one itself.
 */
export function mayHaveScaled({ spec, metadata }: KubeObject, object: KubeObject): boolean {
  if (!isObject(spec) || !isObject(spec.scaleTargetRef) || !isObject(object.spec)) return false;
  const isTarget = isTargeted(spec.scaleTargetRef, object);
  if (!isTarget || object.spec.replicas !== 0) return isTarget;
  const owners = Array.isArray(metadata.ownerReferences) ? metadata.ownerReferences : [];
  return spec.minReplicas === 0 || owners.some(owner => isObject(owner) && owner.kind === "ScaledObject");
}

function isTargeted({ apiVersion, kind, name }: JsonObject, object: KubeObject): boolean {
  const group = typeof apiVersion === "string" ? groupOf(apiVersion) : "";
  return kind === object.kind && name === object.metadata.name && group === groupOf(object.apiVersion);
}

function taking(desired: JsonObject, live: JsonObject, parent: string, field: string): JsonObject {
  const wanted = desired[parent];
  const actual = live[parent];
  if (!isObject(wanted) || !isObject(actual) || !Object.hasOwn(wanted, field)) return desired;
  return { ...desired, [parent]: { ...wanted, [field]: actual[field] ?? null } };
}

/** Fills in every caBundle for which the manifest has only a placeholder. */
function withBundles(desired: JsonObject, live: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(desired).map(([key, wanted]): [string, Json] => {
      const actual = live[key];
      const isPlace = key === "caBundle" && PLACEHOLDERS.has(wanted) && actual !== undefined;
      return [key, isPlace ? actual : withBundlesIn(wanted, actual)];
    }),
  );
}

function withBundlesIn(wanted: Json, actual: Json | undefined): Json {
  if (isObject(wanted) && isObject(actual)) return withBundles(wanted, actual);
  if (!Array.isArray(wanted) || !Array.isArray(actual)) return wanted;
  return wanted.map((item, index) => withBundlesIn(item, counterpart(item, index, actual)));
}

/** The live item that corresponds to a desired one: the item with the same name, or at the same position. */
function counterpart(item: Json, index: number, actual: readonly Json[]): Json | undefined {
  if (!isObject(item) || typeof item.name !== "string") return actual[index];
  return actual.find(other => isObject(other) && other.name === item.name);
}
