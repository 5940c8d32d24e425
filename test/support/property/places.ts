import { isMap, type Json, type JsonObject, type Place } from "./json";
import type { Schema, Schemas } from "./schema";

/** A place of an object with its schema, and what is there; undefined where the object has nothing. */
export interface Spot {
  readonly place: Place;
  readonly schema: Schema;
  readonly value: Json | undefined;
}

/** What of an object is not for its author to say; and what only one object of a cluster can have. */
const ASIDE = new Set(["apiVersion", "kind", "metadata", "status", "globalDefault"]);

/** Every place of an object that its schema knows, whether something is there or not; its own metadata and status aside. */
export function spotsOf(schemas: Schemas, schema: Schema, object: JsonObject): Spot[] {
  const { properties = {} } = schema;
  const fields = Object.entries(properties).filter(([name]) => !ASIDE.has(name));
  return fields.flatMap(([name, field]) => inside(schemas, field, object[name], [name]));
}

function inside(schemas: Schemas, reference: Schema, value: Json | undefined, place: Place): Spot[] {
  const schema = schemas.resolved(reference);
  const spot = { place, schema, value };
  if (Array.isArray(value)) {
    const { items = {} } = schema;
    return [spot, ...value.flatMap((item, index) => inside(schemas, items, item, [...place, index]))];
  }
  if (!isMap(value)) return [spot];
  const { properties = {}, additionalProperties: others } = schema;
  const names = new Set([...Object.keys(properties), ...Object.keys(value)]);
  const unknown = typeof others === "object" ? others : {};
  return [
    spot,
    ...[...names].flatMap(name =>
      inside(schemas, properties[name] ?? unknown, value[name], [...place, name]),
    ),
  ];
}
