import { isObject, type Json, type JsonObject, type KubeObject } from "../kube/object";

/**
 * The object as Helm sends it, but for what the API server makes of it without a schema: nulls in maps of strings are "", a Secret's
 * stringData is data, and what only the server writes (status among it) is left out. Other nulls stay: they say nothing of a field,
 * but Helm 4's apply owns it then, and a nullable field of a custom resource keeps null where its default would come back. What the
 * server adds by itself (a port's protocol) stays out: Helm's apply does not own it either.
 * An empty map of data stays out, too: it says nothing, and the API server refuses it where the object is immutable.
 * The namespace stays as the manifest has it; an empty one is none. Source: Helm's kube client, which builds with the release's.
 */
export function normalize(object: KubeObject): KubeObject {
  const { apiVersion, kind } = object;
  const type = `${apiVersion}/${kind}`;
  const written = without(object, ["status"]);
  const { metadata, ...fields } = withoutEmptyData(withData(withEmptyTexts(written, type), type), type);
  const { namespace, ...rest } = without(isObject(metadata) ? metadata : {}, SERVER_METADATA);
  const placed = namespace === undefined || namespace === null || namespace === "" ? {} : { namespace };
  const named = { ...rest, ...placed, name: object.metadata.name };
  return { ...fields, apiVersion, kind, metadata: named };
}

/**
 * Metadata fields that only the API server sets; an apply with them is refused or tied to one uid. Source: ObjectMeta in the Kubernetes API
 * reference.
 */
export const SERVER_METADATA = [
  "creationTimestamp",
  "deletionGracePeriodSeconds",
  "deletionTimestamp",
  "generation",
  "managedFields",
  "resourceVersion",
  "selfLink",
  "uid",
];

function without(object: JsonObject, keys: string[]): JsonObject {
  return Object.fromEntries(Object.entries(object).filter(([key]) => !keys.includes(key)));
}

/**
 * In a map of strings, the API server stores null as "", because Go reads it so. If the entry were dropped here, it
 * would later look like someone's addition.
 */
function withEmptyTexts(object: JsonObject, type: string): JsonObject {
  const paths = [
    ["metadata", "labels"],
    ["metadata", "annotations"],
    ...(isDataOf(type) ? [["data"], ["stringData"]] : []),
  ];
  const empty = (map: JsonObject) =>
    Object.fromEntries(Object.entries(map).map(([key, value]): [string, Json] => [key, value ?? ""]));
  return paths.reduce((changed, path) => at(changed, path, empty), object);
}

/** A Secret's stringData is never stored: its entries become data and win over data's own. */
function withData(object: JsonObject, type: string): JsonObject {
  const { stringData, data, ...rest } = object;
  if (type !== "v1/Secret" || !isObject(stringData)) return object;
  const encoded = Object.entries(stringData).map(([key, value]): [string, Json] => [
    key,
    // A value that is not a string stays, so that the API server refuses it by name.
    typeof value === "string" ? Buffer.from(value).toString("base64") : value,
  ]);
  return { ...rest, data: { ...(isObject(data) ? data : {}), ...Object.fromEntries(encoded) } };
}

function withoutEmptyData(object: JsonObject, type: string): JsonObject {
  const isEmpty = (value: Json | undefined) => isObject(value) && Object.keys(value).length === 0;
  return isDataOf(type)
    ? without(
        object,
        ["data", "binaryData", "stringData"].filter(name => isEmpty(object[name])),
      )
    : object;
}

function isDataOf(type: string): boolean {
  return type === "v1/ConfigMap" || type === "v1/Secret";
}

/** The object with the map at a path replaced; unchanged if the path leads to no map. */
function at(
  object: JsonObject,
  [key, ...path]: string[],
  change: (map: JsonObject) => JsonObject,
): JsonObject {
  if (key === undefined) return change(object);
  const value = object[key];
  return isObject(value) ? { ...object, [key]: at(value, path, change) } : object;
}
