import type { GroupVersionKind } from "kubernetes-fluent-client";
import type { KubeObject } from "./object";

/** A kind as one API version serves it: the fluent client's type, with all fields set, and its scope. */
export interface Kind extends Required<GroupVersionKind> {
  /** Group and version as objects name them: "v1", "apps/v1". */
  readonly apiVersion: string;
  readonly namespaced: boolean;
}

/** A kind from what discovery says about it. */
export function kindOf(served: Omit<Kind, "group" | "version">): Kind {
  const { apiVersion } = served;
  return { ...served, group: groupOf(apiVersion), version: apiVersion.slice(apiVersion.indexOf("/") + 1) };
}

/** The API group of an apiVersion, as rules name it: "" for the core. */
export function groupOf(apiVersion: string): string {
  return apiVersion.includes("/") ? apiVersion.slice(0, apiVersion.indexOf("/")) : "";
}

/** Where an object lives; namespace is absent for cluster-scoped objects. */
export interface ObjectRef {
  readonly name: string;
  readonly namespace?: string | undefined;
}

/** Path of an API version: "/api/v1", "/apis/apps/v1". */
export function versionPath(apiVersion: string): string {
  return apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
}

/** A group is a DNS subdomain, a version a DNS label: mostly v1, but "stable" is one, too. */
const API_VERSION = /^([a-z0-9]([-a-z0-9.]*[a-z0-9])?\/)?[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;

const MAX_API_VERSION = 253 + 1 + 63;

/** RFC 1123 label, which Kubernetes requires for names of namespaces. */
const LABEL = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;

/** What no name may be: a way to elsewhere, or no text at all. Source: apimachinery, pkg/api/validation/path. */
const NO_NAME = /^\.{1,2}$|[/%]|\p{Surrogate}/u;

/** Longest name that an object can have: that of a DNS subdomain. */
const MAX_NAME = 253;

/** Whether a text is a DNS label, as names of some kinds have to be. */
export function isLabel(text: string): boolean {
  return LABEL.test(text);
}

/** Whether a namespace can have this name. */
export function canBeNamespace(name: string): boolean {
  return isLabel(name);
}

/**
 * Returns why an object can't have its own path: its name or namespace would lead elsewhere.
 *
 * @returns undefined if it can
 */
export function pathProblem({ apiVersion, metadata: { name, namespace } }: KubeObject): string | undefined {
  if (apiVersion.length > MAX_API_VERSION || !API_VERSION.test(apiVersion))
    return `apiVersion ${JSON.stringify(apiVersion)} is not a version that a server could have`;
  if (name.length > MAX_NAME || NO_NAME.test(name)) return `${JSON.stringify(name)} can't be a name`;
  return (namespace ?? undefined) === undefined ||
    (typeof namespace === "string" && canBeNamespace(namespace))
    ? undefined
    : `${JSON.stringify(namespace)} can't be a namespace`;
}

/** Path of a collection, in one namespace if one is given. */
export function collectionPath(kind: Kind, namespace?: string): string {
  const inside =
    kind.namespaced && namespace !== undefined ? `/namespaces/${encodeURIComponent(namespace)}` : "";
  return `${versionPath(kind.apiVersion)}${inside}/${kind.plural}`;
}

/** Path of one object. */
export function objectPath(kind: Kind, ref: ObjectRef): string {
  return `${collectionPath(kind, ref.namespace)}/${encodeURIComponent(ref.name)}`;
}

/** Something with its own place at the API server. */
export interface Placed {
  readonly metadata: { readonly name: string; readonly namespace?: unknown };
}

/** Name and namespace of an object. */
export function refOf(object: Placed): ObjectRef {
  const { name, namespace } = object.metadata;
  return { name, namespace: typeof namespace === "string" ? namespace : undefined };
}

/** "namespace/name", with an empty namespace for cluster-scoped objects. */
export function presenceKey(namespace: unknown, name: string): string {
  return `${typeof namespace === "string" ? namespace : ""}/${name}`;
}

/** "apiVersion Kind namespace/name": identifies an object. */
export function objectKey({ apiVersion, kind }: Kind, { metadata }: Placed): string {
  return `${apiVersion} ${kind} ${presenceKey(metadata.namespace, metadata.name)}`;
}

/** Identifies an object through whichever version it is read: its group in place of its apiVersion. */
export function placeKey(
  { apiVersion, kind }: Pick<Kind, "apiVersion" | "kind">,
  { metadata }: Placed,
): string {
  return `${groupOf(apiVersion)} ${kind} ${presenceKey(metadata.namespace, metadata.name)}`;
}

/** The kind of CRDs. */
export const DEFINITIONS = kindOf({
  apiVersion: "apiextensions.k8s.io/v1",
  kind: "CustomResourceDefinition",
  plural: "customresourcedefinitions",
  namespaced: false,
});

/** The kind of ServiceAccounts. */
export const SERVICE_ACCOUNTS = kindOf({
  apiVersion: "v1",
  kind: "ServiceAccount",
  plural: "serviceaccounts",
  namespaced: true,
});

/** Groups with a dot that the API server itself serves. Source: Kubernetes API reference. */
const BUILT_IN = new Set(
  [
    "admissionregistration",
    "apiextensions",
    "apiregistration",
    "certificates",
    "coordination",
    "discovery",
    "events",
  ]
    .concat([
      "flowcontrol.apiserver",
      "networking",
      "node",
      "rbac.authorization",
      "resource",
      "scheduling",
      "storage",
    ])
    .map(group => `${group}.k8s.io`),
);

/** Where the CRD of a kind would be; undefined if it can't have one: it is built in, or its group has no dot. */
export function definitionOf({ group, plural }: Kind): ObjectRef | undefined {
  return group.includes(".") && !BUILT_IN.has(group) ? { name: `${plural}.${group}` } : undefined;
}
