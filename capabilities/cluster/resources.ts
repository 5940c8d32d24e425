import type { KubeObject } from "../release/object";

/** A kind as one API version serves it. */
export interface Resource {
  /** "v1", "apps/v1". */
  readonly apiVersion: string;
  readonly kind: string;
  readonly plural: string;
  readonly namespaced: boolean;
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

/** The API group of a kind, as rules name it: "" for the core. */
export function groupOf({ apiVersion }: Pick<Resource, "apiVersion">): string {
  return apiVersion.includes("/") ? apiVersion.slice(0, apiVersion.indexOf("/")) : "";
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
export function collectionPath(resource: Resource, namespace?: string): string {
  const inside =
    resource.namespaced && namespace !== undefined ? `/namespaces/${encodeURIComponent(namespace)}` : "";
  return `${versionPath(resource.apiVersion)}${inside}/${resource.plural}`;
}

/** Path of one object. */
export function objectPath(resource: Resource, ref: ObjectRef): string {
  return `${collectionPath(resource, ref.namespace)}/${encodeURIComponent(ref.name)}`;
}

/** Name and namespace of an object. */
export function refOf(object: KubeObject): ObjectRef {
  const { name, namespace } = object.metadata;
  return { name, namespace: typeof namespace === "string" ? namespace : undefined };
}

/** The kind of the definitions of custom resources. */
export const DEFINITIONS: Resource = {
  apiVersion: "apiextensions.k8s.io/v1",
  kind: "CustomResourceDefinition",
  plural: "customresourcedefinitions",
  namespaced: false,
};

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
export function definitionOf(resource: Resource): ObjectRef | undefined {
  const group = groupOf(resource);
  return group.includes(".") && !BUILT_IN.has(group) ? { name: `${resource.plural}.${group}` } : undefined;
}
