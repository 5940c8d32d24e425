import type { GroupVersionKind } from "kubernetes-fluent-client";
import type { KubeObject } from "./object";

/** A kind as one API version serves it: the fluent client's type, with nothing left out, and its scope. */
export interface Kind extends Required<GroupVersionKind> {
  /** Group and version as objects have them: "v1", "apps/v1". */
  readonly apiVersion: string;
  readonly namespaced: boolean;
}

/** A kind by what discovery tells of it. */
export function kindOf(served: Omit<Kind, "group" | "version">): Kind {
  const { apiVersion } = served;
  return { ...served, group: groupOf(apiVersion), version: apiVersion.slice(apiVersion.indexOf("/") + 1) };
}

/** The API group of an apiVersion, as rules name it: "" for the core. */
export function groupOf(apiVersion: string): string {
  return apiVersion.includes("/") ? apiVersion.slice(0, apiVersion.indexOf("/")) : "";
}

/** Where an object lives; namespace absent for cluster-scoped ones. */
export interface ObjectRef {
  readonly name: string;
  readonly namespace?: string | undefined;
}

/** Path of an API version: "/api/v1", "/apis/apps/v1". */
export function versionPath(apiVersion: string): string {
  return apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
}

const API_VERSION = /^([a-z0-9]([-a-z0-9.]*[a-z0-9])?\/)?v[a-z0-9]+$/;

/**
 * Why an object can't have a path of its own: its words would lead elsewhere. Source: Kubernetes' rule for path segments,
 * apimachinery/pkg/api/validation/path.
 *
 * @returns undefined where it can
 */
export function pathProblem({ apiVersion, metadata: { name, namespace } }: KubeObject): string | undefined {
  if (!API_VERSION.test(apiVersion))
    return `apiVersion ${JSON.stringify(apiVersion)} is not a version that a server could have`;
  const bad = [name, namespace ?? "-"].find(word => typeof word !== "string" || /^\.{1,2}$|[/%]/.test(word));
  return bad === undefined ? undefined : `${JSON.stringify(bad)} can't be a name`;
}

/** Path of a collection, of one namespace where one is given. */
export function collectionPath(kind: Kind, namespace?: string): string {
  const inside =
    kind.namespaced && namespace !== undefined ? `/namespaces/${encodeURIComponent(namespace)}` : "";
  return `${versionPath(kind.apiVersion)}${inside}/${kind.plural}`;
}

/** Path of one object. */
export function objectPath(kind: Kind, ref: ObjectRef): string {
  return `${collectionPath(kind, ref.namespace)}/${encodeURIComponent(ref.name)}`;
}

/** Something with a place of its own at the API server. */
export interface Placed {
  readonly metadata: { readonly name: string; readonly namespace?: unknown };
}

/** Name and namespace of an object. */
export function refOf(object: Placed): ObjectRef {
  const { name, namespace } = object.metadata;
  return { name, namespace: typeof namespace === "string" ? namespace : undefined };
}

/** "namespace/name", the namespace empty for cluster-scoped objects. */
export function presenceKey(namespace: unknown, name: string): string {
  return `${typeof namespace === "string" ? namespace : ""}/${name}`;
}

/** "apiVersion Kind namespace/name": what tells one object from another. */
export function objectKey({ apiVersion, kind }: Kind, { metadata }: Placed): string {
  return `${apiVersion} ${kind} ${presenceKey(metadata.namespace, metadata.name)}`;
}

/** The kind of the definitions of custom resources. */
export const DEFINITIONS = kindOf({
  apiVersion: "apiextensions.k8s.io/v1",
  kind: "CustomResourceDefinition",
  plural: "customresourcedefinitions",
  namespaced: false,
});

/** Groups with a dot that the API server serves by itself. Source: Kubernetes API reference. */
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

/** Where the definition of a kind would be, if it has one; undefined where it can't have one: built in, or of a group without a dot. */
export function definitionOf({ group, plural }: Kind): ObjectRef | undefined {
  return group.includes(".") && !BUILT_IN.has(group) ? { name: `${plural}.${group}` } : undefined;
}
