import { isObject, type Json, type JsonObject, type KubeObject } from "../kube/object";

/**
 * Returns the object as the API server would store it, as far as this needs no schema. Nulls become what they mean, a
 * Secret's stringData becomes data, and fields that only the server writes (such as status) are dropped. Fields that
 * the server adds (a port's protocol) are not filled in: Helm's apply does not own them either. The namespace stays as
 * in the manifest.
 */
export function normalize(object: KubeObject): KubeObject {
  const { apiVersion, kind } = object;
  const type = `${apiVersion}/${kind}`;
  const written = without(object, ["status"]);
  const { metadata, ...fields } = withData(withoutNulls(withEmptyTexts(written, type)), type);
  const named = {
    ...without(isObject(metadata) ? metadata : {}, SERVER_METADATA),
    name: object.metadata.name,
  };
  return { ...fields, apiVersion, kind, metadata: named };
}

/** Metadata fields that only the API server sets; an apply with them is refused or tied to one uid. */
const SERVER_METADATA = [
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
    ...(type === "v1/ConfigMap" || type === "v1/Secret" ? [["data"], ["stringData"]] : []),
  ];
  const empty = (map: JsonObject) =>
    Object.fromEntries(Object.entries(map).map(([key, value]): [string, Json] => [key, value ?? ""]));
  return paths.reduce((changed, path) => at(changed, path, empty), object);
}

/** In other maps, null means absent. Inside lists it is a value, and stays. */
function withoutNulls(object: JsonObject): JsonObject {
  const present = Object.entries(object).filter(([, value]) => value !== null);
  return Object.fromEntries(present.map(([key, value]) => [key, clean(value)]));
}

function clean(value: Json): Json {
  if (Array.isArray(value)) return value.map(clean);
  return isObject(value) ? withoutNulls(value) : value;
}

/** A Secret's stringData is never stored: its entries become data, and override entries of data. */
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
