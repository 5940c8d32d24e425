import type { Api } from "../../../hack/lib/api";
import type { Body } from "../../../hack/lib/objects";
import type { Change } from "./changes";
import {
  inPointers,
  isMap,
  jsonObject,
  lacking,
  valueAt,
  type Json,
  type JsonObject,
  type Place,
} from "./json";
import type { Schema, Schemas } from "./schema";

/** One write as it is sent. */
export interface Write {
  readonly method: "PUT" | "PATCH";
  readonly path: string;
  readonly type: string;
  readonly body: Body | readonly Body[];
}

/** What is written, where, by whom. */
export interface Written {
  readonly path: string;
  readonly live: JsonObject;
  readonly change: Change;
  readonly schemas: Schemas;
}

/** How hands write, each by its name. */
export const writers: Readonly<Record<string, (written: Written) => Write>> = {
  "json patch": ({ path, change }) => ({
    method: "PATCH",
    path: `${path}?fieldManager=kubectl-patch`,
    type: "application/json-patch+json",
    body: [inPointers(change.operation)],
  }),
  "merge patch": ({ path, live, change: { changed } }) => ({
    method: "PATCH",
    path: `${path}?fieldManager=kubectl-edit`,
    type: "application/merge-patch+json",
    body: mergePatch(live, changed),
  }),
  "strategic patch": ({ path, live, change: { changed } }) => ({
    method: "PATCH",
    path: `${path}?fieldManager=kubectl-client-side-apply`,
    type: "application/strategic-merge-patch+json",
    body: mergePatch(live, changed),
  }),
  put: ({ path, change: { changed } }) => ({
    method: "PUT",
    path: `${path}?fieldManager=kubectl-replace`,
    type: "application/json",
    body: changed,
  }),
  "put of a program": ({ path, change: { changed } }) => ({
    method: "PUT",
    path: `${path}?fieldManager=dashboard`,
    type: "application/json",
    body: changed,
  }),
  "apply of a part": written => ({
    ...byApply(written.path, "terraform"),
    body: withIdentity(written.live, partOf(written)),
  }),
  "apply of everything": ({ path, live, change: { changed } }) => ({
    ...byApply(path, "kubectl"),
    body: { ...withIdentity(live, fieldsOf(changed)), metadata: marksOf(changed) },
  }),
};

/** Sends a write. @returns what the server has made of it @throws Refused */
export async function send(api: Api, { method, path, body, type }: Write): Promise<JsonObject> {
  return jsonObject.parse(await api.send(method, path, body, type));
}

function byApply(path: string, manager: string): Omit<Write, "body"> {
  return {
    method: "PATCH",
    path: `${path}?fieldManager=${manager}&force=true`,
    type: "application/apply-patch+yaml",
  };
}

/** What turns one object into another. Source: RFC 7396. */
function mergePatch(from: JsonObject, to: JsonObject): JsonObject {
  const removed = Object.keys(from).filter(key => !Object.hasOwn(to, key));
  const patch = Object.fromEntries(removed.map((key): [string, Json] => [key, null]));
  for (const [key, value] of Object.entries(to)) {
    const before = from[key];
    if (isMap(before) && isMap(value)) {
      const inner = mergePatch(before, value);
      if (Object.keys(inner).length > 0) patch[key] = inner;
    } else if (JSON.stringify(before) !== JSON.stringify(value)) patch[key] = value;
  }
  return patch;
}

/** What a user would have in a file. */
function fieldsOf(object: JsonObject): JsonObject {
  return lacking(object, ["metadata", "status"]);
}

/** What a user would have in a file of an object's metadata. */
function marksOf({ metadata }: JsonObject): Body {
  const { name, namespace, labels, annotations } = isMap(metadata) ? metadata : {};
  return { name, namespace, labels, annotations };
}

function withIdentity({ apiVersion, kind, metadata }: JsonObject, fields: JsonObject): Body {
  const { name, namespace } = isMap(metadata) ? metadata : {};
  return { ...fields, apiVersion, kind, metadata: { name, namespace } };
}

/** The least that an apply of a change has to say: its place with the keys of the items that lead there. */
function partOf({ change, schemas }: Written): JsonObject {
  const { changed, operation, schema } = change;
  const part = inPart(schemas, schema, changed, operation.place);
  return isMap(part) ? part : {};
}

function inPart(schemas: Schemas, reference: Schema, value: Json | undefined, place: Place): Json {
  const schema = schemas.resolved(reference);
  const [step, ...rest] = place;
  if (step === undefined || value === undefined || schema["x-kubernetes-map-type"] === "atomic")
    return value ?? null;
  const inner = valueAt(value, [step]);
  if (Array.isArray(value)) return itemOf(schemas, schema, { value, inner, rest });
  if (inner === undefined) return {};
  return { [step]: inPart(schemas, fieldOf(schema, `${step}`), inner, rest) };
}

/** The items of a list that one stands for: it alone, where the list is one of items with keys. */
function itemOf(
  schemas: Schemas,
  schema: Schema,
  { value, inner, rest }: { value: Json[]; inner: Json | undefined; rest: Place },
): Json[] {
  const keys = schema["x-kubernetes-list-map-keys"];
  if (!keys || !isMap(inner)) return value;
  const named = Object.fromEntries(Object.entries(inner).filter(([key]) => keys.includes(key)));
  const part = inPart(schemas, schema.items ?? {}, inner, rest);
  return [isMap(part) ? { ...named, ...part } : inner];
}

function fieldOf({ properties = {}, additionalProperties: others }: Schema, name: string): Schema {
  return properties[name] ?? (typeof others === "object" ? others : {});
}
