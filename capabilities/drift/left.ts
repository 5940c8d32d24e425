import { groupOf } from "../kube/kinds";
import { depthIn, find, ownersOf, subset, type FieldOwner, type FieldPath } from "../kube/managed-fields";
import { isObject, type Json, type KubeObject } from "../kube/object";
import { catalogued } from "../catalogue/catalogue";
import { goesThrough, hasAt, leadsTo, type Left, type Path } from "../kube/path";
import { parsePath } from "../kube/path-text";
import { isHelm } from "./owners";

/** Everything that decides what is left to others. */
export interface Leaving {
  readonly desired: KubeObject;
  readonly live: KubeObject;
  /** The field manager that Helm writes as. */
  readonly manager: string;
  /** Whether an autoscaler has set the replicas. */
  readonly isAutoscaled: boolean;
  /** Whether the catalogue of known controllers counts. */
  readonly knowsControllers: boolean;
  /** What rules of the HelmRelease leave to others. @default nothing */
  readonly rules?: readonly Left[] | undefined;
  /** Whether what others add stands. @default false */
  readonly keepsAdditions?: boolean | undefined;
}

/** What of an object is left to others, and is there: in the chart, or live. */
export function leftIn({
  desired,
  live,
  manager,
  isAutoscaled,
  knowsControllers,
  rules = [],
  keepsAdditions: keeps = false,
}: Leaving): Left[] {
  const left: Left[] = [
    ...ofChart(desired),
    ...(isAutoscaled || !hasReplicas(desired) ? [isAutoscaled ? SCALED : UNSAID] : []),
    ...(knowsControllers ? catalogued(desired) : []),
    ...rules,
    ...(keeps
      ? [{ path: [], origin: { is: "additions" } as const, onlyAdded: true, by: isOther(manager) }]
      : []),
  ];
  return left
    .filter(({ path }) => hasAt(live, path) || hasAt(desired, path))
    .map(one => (one.onlyEmpty === true || one.onlyAdded === true ? { ...one, manifest: desired } : one));
}

function isOther(helm: string): (manager: string) => boolean {
  return manager => !isHelm({ manager }, helm);
}

const REPLICAS = parsePath("/spec/replicas");
const CHART = { is: "chart" } as const;
const SCALED: Left = { path: REPLICAS, origin: { is: "autoscaler" } };
const UNSAID: Left = { path: REPLICAS, origin: CHART };
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
  if (bundle) return [{ path: bundle, origin: CHART, onlyEmpty: true }];
  if (apiVersion === "v1" && (kind === "ConfigMap" || kind === "Secret"))
    return DATA.every(name => isEmpty(desired[name]))
      ? DATA.map(name => ({ path: parsePath(`/${name}`), origin: CHART }))
      : [];
  return AGGREGATED.has(groupKind) && isObject(desired.aggregationRule)
    ? [{ path: RULES, origin: CHART }]
    : [];
}

/** A value that says nothing: absent, empty, or a line feed in base64, which charts write for cert-manager to fill in. */
export function isEmpty(value: Json | undefined): boolean {
  if (value === undefined || value === null || value === "" || value === "Cg==") return true;
  return typeof value === "object" && Object.keys(value).length === 0;
}

function hasReplicas({ spec }: KubeObject): boolean {
  return isObject(spec) && spec.replicas !== undefined && spec.replicas !== null;
}

/** Whether what others add stands. */
export function keepsAdditions(left: readonly Left[]): boolean {
  return left.some(({ onlyAdded }) => onlyAdded === true);
}

/** An object, and what of it is left to others. */
export interface Situated {
  /** As the manifest has it. */
  readonly desired: KubeObject;
  readonly live: KubeObject;
  readonly left: readonly Left[];
}

/** Whether what an owner has at a field is left to it. */
export function isLeft(situated: Situated, owner: FieldOwner, field: FieldPath): boolean {
  return isSharedList(situated.desired, field) || leaving(situated, owner, field) !== undefined;
}

/** What leaves to an owner what it has at a field, shared lists aside. */
export function leaving(
  { desired, live, left }: Situated,
  owner: FieldOwner,
  field: FieldPath,
): Left | undefined {
  return left.find(
    ({ path, by, onlyEmpty, onlyAdded, manifest = desired }) =>
      leadsTo(path, field, live) &&
      (by === undefined || by(owner.manager)) &&
      (onlyEmpty !== true || isEmpty(find(manifest, field.slice(0, path.length))?.value)) &&
      (onlyAdded !== true || isAdded(manifest, field)),
  );
}

/** Whether something that is left to an owner is inside a field that it has as a whole, as a list that has one owner. */
export function holdsLeft({ live, left }: Situated, { manager }: FieldOwner, field: FieldPath): boolean {
  return left.some(({ path, by }) => goesThrough(path, field, live) && (by === undefined || by(manager)));
}

/**
 * Whether what is left to an owner at a field stays whatever is around it. A list item that somebody has added goes with all that is in it,
 * unless the item is left to whoever has put it there.
 */
export function isLeftForGood(situated: Situated, owner: FieldOwner, field: FieldPath): boolean {
  if (!isLeft(situated, owner, field)) return false;
  const item = itemBeyond(situated.desired, field);
  return item === undefined || (isLeft(situated, owner, item) && hasPut(owner, item));
}

/** Whether something is left to somebody who has it. */
export function isLeftToAny(situated: Situated, field: FieldPath): boolean {
  const owners = ownersOf(situated.live).filter(({ fields }) => subset(fields, field) !== undefined);
  return owners.some(owner => isLeft(situated, owner, field));
}

/** What a chart says nothing of, but for what steers Helm. */
function isAdded(manifest: KubeObject, field: FieldPath): boolean {
  return field[0] !== "f:metadata" && (find(manifest, field)?.value ?? null) === null;
}

/** The list item on the way to a field, or at its end, that an object lacks in a list that it has. */
export function itemBeyond(object: KubeObject, field: FieldPath): FieldPath | undefined {
  const item = field.slice(0, depthIn(object, field) + 1);
  return item.length > 0 && item.at(-1)?.startsWith("f:") === false && !find(object, item) ? item : undefined;
}

/** Whether an owner has put a list item where it is, and not only something into it. */
export function hasPut({ fields }: FieldOwner, item: FieldPath): boolean {
  const inside = subset(fields, item);
  return inside !== undefined && (Object.hasOwn(inside, ".") || Object.keys(inside).length === 0);
}

/** Lists of a ServiceAccount that token controllers and cloud providers extend, whatever the chart has there. */
export function isSharedList({ apiVersion, kind }: KubeObject, [first]: FieldPath): boolean {
  const isAccount = apiVersion === "v1" && kind === "ServiceAccount";
  return isAccount && (first === "f:secrets" || first === "f:imagePullSecrets");
}
