import { isDeepStrictEqual } from "node:util";
import { isMap, lacking, type Json, type JsonObject } from "./json";

/** Something that documented rules leave to others, so that the tests do not look at it. */
interface Exception {
  /** The rule as users read it. */
  readonly rule: string;
  readonly is: (manifest: JsonObject) => boolean;
  /** The object without it. */
  readonly without: (object: JsonObject, manifest: JsonObject) => JsonObject;
}

const DATA = ["data", "binaryData", "stringData"];

const EXCEPTIONS: readonly Exception[] = [
  {
    rule: "Replicas that the chart leaves out are left to whoever scales.",
    is: ({ spec }) => isMap(spec) && spec.replicas === undefined,
    without: object => ({ ...object, spec: fieldsLacking(object.spec, ["replicas"]) }),
  },
  {
    rule: "Entries that others add to secrets and imagePullSecrets of a ServiceAccount stay.",
    is: ({ kind }) => kind === "ServiceAccount",
    without: (object, manifest) => ({
      ...object,
      secrets: wantedOf(object.secrets, manifest.secrets),
      imagePullSecrets: wantedOf(object.imagePullSecrets, manifest.imagePullSecrets),
    }),
  },
  {
    rule: "A ConfigMap or Secret in which the chart has no data is left to whoever fills it in.",
    is: manifest =>
      (manifest.kind === "ConfigMap" || manifest.kind === "Secret") &&
      DATA.every(name => isEmpty(manifest[name])),
    without: object => lacking(object, DATA),
  },
  {
    rule: "The data of a Secret that the chart marks for Sealed Secrets is left to it.",
    is: ({ metadata }) =>
      isMap(metadata) &&
      isMap(metadata.annotations) &&
      metadata.annotations["sealedsecrets.bitnami.com/managed"] === "true",
    without: object => lacking(object, ["data"]),
  },
  {
    rule: "The rules of an aggregated ClusterRole are gathered by a controller.",
    is: ({ aggregationRule }) => aggregationRule !== undefined,
    without: object => lacking(object, ["rules"]),
  },
  {
    rule: "A caBundle that the chart leaves out or empty is a CA injector's.",
    is: ({ kind }) => typeof kind === "string" && kind.endsWith("WebhookConfiguration"),
    without: (object, manifest) => ({
      ...object,
      webhooks: withoutBundles(object.webhooks, manifest.webhooks),
    }),
  },
  {
    rule: "A watch shows internalTrafficPolicy of a Service that has become one of type ExternalName, and a read does not.",
    is: ({ kind, spec }) =>
      kind === "Service" &&
      isMap(spec) &&
      spec.type === "ExternalName" &&
      spec.internalTrafficPolicy === undefined,
    without: object => ({ ...object, spec: fieldsLacking(object.spec, ["internalTrafficPolicy"]) }),
  },
  {
    rule: "The volume that a claim is bound to, and the claim that a volume is bound to, are left to the binder.",
    is: ({ kind }) => kind === "PersistentVolume" || kind === "PersistentVolumeClaim",
    without: (object, { spec }) => ({
      ...object,
      spec: fieldsLacking(
        object.spec,
        ["claimRef", "volumeName"].filter(name => !isMap(spec) || isEmpty(spec[name])),
      ),
    }),
  },
];

/** What of an object has to be as a fresh create of its manifest makes it. */
export function expectedOf(object: JsonObject, manifest: JsonObject): JsonObject {
  const fields = lacking(object, ["apiVersion", "kind", "metadata", "status"]);
  const exceptions = EXCEPTIONS.filter(({ is }) => is(manifest));
  const rest = exceptions.reduce((left, { without }) => without(left, manifest), fields);
  return { ...rest, metadata: marksOf(object.metadata, manifest.metadata) };
}

/** Whether an object is as expected. */
export function isAsExpected(object: JsonObject, expected: JsonObject, manifest: JsonObject): boolean {
  return isDeepStrictEqual(expectedOf(object, manifest), expected);
}

/**
 * Whether what others have written is as it was. The lists of a ServiceAccount have no order, and say nothing by an item that is there twice:
 * whoever adds to them, or restores them, may change both.
 */
export function areSame({ kind }: JsonObject, one: Json | undefined, other: Json | undefined): boolean {
  if (kind !== "ServiceAccount" || !Array.isArray(one) || !Array.isArray(other))
    return isDeepStrictEqual(one, other);
  const [ones, others] = [one, other].map(list => new Set(list.map(item => JSON.stringify(item))));
  return isDeepStrictEqual(ones, others);
}

const ALLOCATED = ["nodePort", "healthCheckNodePort", "clusterIP", "clusterIPs"];

/** A Service without what the server allocates for it: once a change has made it free that, it may allocate something else. */
export function withoutAllocated(value: Json): Json {
  if (Array.isArray(value)) return value.map(withoutAllocated);
  if (!isMap(value)) return value;
  const fields = Object.entries(value).filter(([name]) => !ALLOCATED.includes(name));
  return Object.fromEntries(fields.map(([name, field]): [string, Json] => [name, withoutAllocated(field)]));
}

/** Whether the server has freed something that it had allocated for a Service: a port is gone, or does not need it any more. */
export function isFreed(before: JsonObject, now: JsonObject): boolean {
  const held = placesAllocated(now, "");
  return [...placesAllocated(before, "")].some(place => !held.has(place));
}

/** Where an object has something that the server allocates: of a list's items, by their port. */
function placesAllocated(value: Json, at: string): ReadonlySet<string> {
  if (Array.isArray(value))
    return new Set(value.flatMap(item => [...placesAllocated(item, `${at}/${portOf(item)}`)]));
  if (!isMap(value)) return new Set();
  return new Set(
    Object.entries(value).flatMap(([name, field]) =>
      ALLOCATED.includes(name) ? [`${at}/${name}`] : [...placesAllocated(field, `${at}/${name}`)],
    ),
  );
}

function portOf(item: Json): string {
  return isMap(item) ? JSON.stringify([item.port, item.protocol]) : "";
}

/** The labels and annotations of the manifest, and those that steer Helm; others are anybody's. */
function marksOf(metadata: Json | undefined, ofManifest: Json | undefined): JsonObject {
  const marks = (of: Json | undefined, name: string): JsonObject => {
    const map = isMap(of) ? of[name] : undefined;
    return isMap(map) ? map : {};
  };
  const own = (name: string): [string, JsonObject] => {
    const wanted = marks(ofManifest, name);
    const isOwn = (key: string): boolean => Object.hasOwn(wanted, key) || /^(meta\.)?helm\.sh\//.test(key);
    return [name, Object.fromEntries(Object.entries(marks(metadata, name)).filter(([key]) => isOwn(key)))];
  };
  return Object.fromEntries([own("labels"), own("annotations")]);
}

function isEmpty(value: Json | undefined): boolean {
  if (value === undefined || value === null || value === "") return true;
  return typeof value === "object" && Object.keys(value).length === 0;
}

function fieldsLacking(map: Json | undefined, names: readonly string[]): Json {
  return isMap(map) ? lacking(map, names) : (map ?? null);
}

/** The items of a list that the manifest has. */
function wantedOf(items: Json | undefined, wanted: Json | undefined): Json[] {
  if (!Array.isArray(items) || !Array.isArray(wanted)) return [];
  return wanted.filter(item => items.some(other => isDeepStrictEqual(item, other)));
}

function withoutBundles(webhooks: Json | undefined, ofManifest: Json | undefined): Json {
  if (!Array.isArray(webhooks) || !Array.isArray(ofManifest)) return webhooks ?? null;
  const named = (name: Json | undefined): Json | undefined =>
    ofManifest.find(other => isMap(other) && other.name === name);
  return webhooks.map(webhook => {
    const wanted = isMap(webhook) ? named(webhook.name) : undefined;
    const config = isMap(wanted) ? wanted.clientConfig : undefined;
    if (!isMap(webhook) || !isMap(config) || !isEmpty(config.caBundle)) return webhook;
    return { ...webhook, clientConfig: fieldsLacking(webhook.clientConfig, ["caBundle"]) };
  });
}
