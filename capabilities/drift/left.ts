import { isDeepStrictEqual } from "node:util";
import { groupOf } from "../kube/kinds";
import { find, leavesOf, ownersOf, type FieldOwner, type FieldPath } from "../kube/managed-fields";
import { isObject, type Json, type KubeObject } from "../kube/object";
import { catalogued } from "../catalogue/catalogue";
import { goesThrough, leadsTo, parsePath, pathOf, valuesAt, type Left, type Path } from "../kube/path";
import { take, type Taking } from "./take";

/** Everything that decides what is left to others. */
export interface Leaving {
  readonly desired: KubeObject;
  /** Whether an autoscaler has set the replicas. */
  readonly isAutoscaled: boolean;
  /** Whether the catalogue of known controllers counts. */
  readonly knowsControllers: boolean;
}

/** What of an object is left to others. */
export function leftIn({ desired, isAutoscaled, knowsControllers }: Leaving): Left[] {
  const left: Left[] = [
    ...ofChart(desired),
    ...(isAutoscaled || !hasReplicas(desired) ? [{ path: REPLICAS }] : []),
    ...(knowsControllers ? catalogued(desired) : []),
  ];
  return left.map(one => (one.onlyEmpty === true ? { ...one, manifest: desired } : one));
}

const REPLICAS = parsePath("/spec/replicas");
const RULES = parsePath("/rules");

/** The places of what a ConfigMap or Secret holds. */
const DATA = ["data", "binaryData", "stringData"];

const OF_WEBHOOKS = parsePath("/webhooks/*/clientConfig/caBundle");

/** Where a CA injector fills in a bundle, by group and kind. Source: cert-manager docs, "CA Injector". */
const BUNDLES: ReadonlyMap<string, Path> = new Map([
  ["apiregistration.k8s.io/APIService", parsePath("/spec/caBundle")],
  [
    "apiextensions.k8s.io/CustomResourceDefinition",
    parsePath("/spec/conversion/webhook/clientConfig/caBundle"),
  ],
  ["admissionregistration.k8s.io/MutatingWebhookConfiguration", OF_WEBHOOKS],
  ["admissionregistration.k8s.io/ValidatingWebhookConfiguration", OF_WEBHOOKS],
]);

/** Whose rules a controller gathers, by group and kind. Source: Kubernetes docs, "Aggregated ClusterRoles". */
const AGGREGATED = new Set([
  "rbac.authorization.k8s.io/ClusterRole",
  "authorization.openshift.io/ClusterRole",
]);

/** What a chart leaves to others by what it says, or does not say. */
function ofChart(desired: KubeObject): Left[] {
  const { apiVersion, kind } = desired;
  const groupKind = `${groupOf(apiVersion)}/${kind}`;
  const bundle = BUNDLES.get(groupKind);
  if (bundle) return [{ path: bundle, onlyEmpty: true }];
  if (apiVersion === "v1" && (kind === "ConfigMap" || kind === "Secret"))
    return DATA.every(name => isEmpty(desired[name]))
      ? DATA.map(name => ({ path: parsePath(`/${name}`) }))
      : [];
  return AGGREGATED.has(groupKind) && isObject(desired.aggregationRule) ? [{ path: RULES }] : [];
}

/** A value that says nothing: absent, empty, or a line feed in base64, which charts write for cert-manager to fill in. */
export function isEmpty(value: Json | undefined): boolean {
  if (value === undefined || value === null || value === "" || value === "Cg==") return true;
  return typeof value === "object" && Object.keys(value).length === 0;
}

function hasReplicas({ spec }: KubeObject): boolean {
  return isObject(spec) && spec.replicas !== undefined && spec.replicas !== null;
}

/** Whether what an owner has at a field is left to it. */
export function isLeft(
  { desired, left }: { desired: KubeObject; left: readonly Left[] },
  owner: FieldOwner,
  field: FieldPath,
): boolean {
  if (isSharedList(desired, field)) return true;
  return left.some(
    ({ path, by, onlyEmpty, manifest = desired }) =>
      leadsTo(path, field) &&
      (by === undefined || by(owner.manager)) &&
      (onlyEmpty !== true || isEmpty(find(manifest, field.slice(0, path.length))?.value)),
  );
}

/** Whether something that is left to an owner is inside a field that it has as a whole, as a list that has one owner. */
export function holdsLeft(left: readonly Left[], { manager }: FieldOwner, field: FieldPath): boolean {
  return left.some(({ path, by }) => goesThrough(path, field) && (by === undefined || by(manager)));
}

/**
 * The desired object with the live values of what is left to others, so that an apply neither fights them nor strips what it would no
 * longer own.
 */
export function adopt(desired: KubeObject, live: KubeObject, left: readonly Left[]): KubeObject {
  const owners = ownersOf(live).map(owner => ({ ...owner, leaves: leavesOf(owner.fields) }));
  return left.reduce(
    (adopted, { path, by, onlyEmpty, isWhole }) => {
      if (![adopted, live].some(object => valuesAt(object, path).length > 0)) return adopted;
      const taking: Taking = {
        isWhole: isWhole ?? owners.some(({ leaves }) => leaves.some(leaf => goesThrough(path, leaf))),
        mayReplace: (wanted, actual) => onlyEmpty !== true || (isEmpty(wanted) && actual !== undefined),
      };
      const places = by
        ? placesOf(
            path,
            owners.filter(({ manager }) => by(manager)),
          )
        : [path];
      return places.reduce((taken, place) => take(taken, live, place, taking), adopted);
    },
    withPullSecretsOfOthers(desired, live),
  );
}

/** Of a path, what somebody owns: only that, not what others have beside it. */
function placesOf(path: Path, owners: readonly { readonly leaves: readonly FieldPath[] }[]): Path[] {
  return owners
    .flatMap(({ leaves }) => leaves)
    .filter(leaf => leadsTo(path, leaf) || goesThrough(path, leaf))
    .map(leaf => [...pathOf(leaf), ...path.slice(leaf.length)]);
}

/** Lists of a ServiceAccount that token controllers and cloud providers extend, whatever the chart has there. */
function isSharedList({ apiVersion, kind }: KubeObject, [first]: FieldPath): boolean {
  const isAccount = apiVersion === "v1" && kind === "ServiceAccount";
  return isAccount && (first === "f:secrets" || first === "f:imagePullSecrets");
}

/** An apply replaces this list as a whole; of secrets it leaves those that others own. */
function withPullSecretsOfOthers(desired: KubeObject, live: KubeObject): KubeObject {
  const { imagePullSecrets: wanted } = desired;
  const { imagePullSecrets: actual } = live;
  if (!isSharedList(desired, ["f:imagePullSecrets"]) || !Array.isArray(wanted) || !Array.isArray(actual))
    return desired;
  const missing = wanted.filter(item => !actual.some(other => isDeepStrictEqual(item, other)));
  return { ...desired, imagePullSecrets: [...actual, ...missing] };
}
