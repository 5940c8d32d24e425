import type { Dice } from "./dice";
import type { Json } from "./json";
import type { Schema } from "./schema";
import type { Values } from "./values";

/** How deep structures go into one another. */
const DEPTH = 3;

const NAMES = ["alpha", "beta", "gamma", "delta", "image", "path", "limit", "mode", "port", "weight"];

const TEXT: Schema = { type: "string" };
const OPEN: Schema = { type: "object", "x-kubernetes-preserve-unknown-fields": true };

/** What has no fields of its own. */
const SCALARS: readonly Schema[] = [
  TEXT,
  { type: "integer" },
  { type: "integer", format: "int64" },
  { type: "number" },
  { type: "boolean" },
  { type: "string", format: "date-time" },
  { type: "string", enum: ["fast", "slow", "off"] },
  { "x-kubernetes-int-or-string": true },
];

/** What a key of a list item may be. */
const KEYS: readonly Schema[] = [TEXT, { type: "integer" }];

/** Makes random schemas that a definition may have: every shape that the API server knows. Source: Kubernetes docs, "Structural schemas". */
export class SchemaDice {
  /** In the order of the fields of {@link everyShape}. */
  readonly #shapes: Readonly<Record<string, (depth: number) => Schema>> = {
    scalar: () => this.#optional(this.#scalar()),
    nullable: depth => ({ ...this.#optional(this.#inner(depth)), nullable: true }),
    default: depth => this.#withDefault(this.#inner(depth)),
    nullableDefault: () => ({ ...this.#withDefault(this.#scalar()), nullable: true }),
    list: depth => ({ type: "array", items: this.#inner(depth) }),
    atomicList: depth => ({
      type: "array",
      items: this.#inner(depth),
      "x-kubernetes-list-type": "atomic",
    }),
    set: () => ({ type: "array", items: this.#setItem(), "x-kubernetes-list-type": "set" }),
    mapList: depth => this.#mapList(depth),
    map: depth => ({ type: "object", additionalProperties: this.#inner(depth) }),
    atomicMap: depth => ({
      type: "object",
      additionalProperties: this.#inner(depth),
      "x-kubernetes-map-type": "atomic",
    }),
    struct: depth => this.#struct(depth),
    atomicStruct: depth => ({ ...this.#struct(depth), "x-kubernetes-map-type": "atomic" }),
    structDefault: depth => this.#withDefault(this.#struct(depth)),
    open: () => OPEN,
    halfOpen: depth => ({ ...this.#struct(depth), "x-kubernetes-preserve-unknown-fields": true }),
    embedded: () => ({ ...OPEN, "x-kubernetes-embedded-resource": true }),
    embeddedList: () => ({ type: "array", items: { ...OPEN, "x-kubernetes-embedded-resource": true } }),
  };

  constructor(
    readonly dice: Dice,
    /** What makes defaults. */
    readonly values: Values,
  ) {}

  /** A struct with a field of every shape. */
  everyShape(): Schema {
    const fields = Object.entries(this.#shapes).map(([name, make]): [string, Schema] => [name, make(DEPTH)]);
    return { type: "object", properties: Object.fromEntries(fields) };
  }

  #inner(depth: number): Schema {
    const shapes = Object.values(this.#shapes);
    const make = depth > 0 && !this.dice.isOneIn(3) ? this.dice.oneOf(shapes) : undefined;
    return make?.(depth - 1) ?? this.#scalar();
  }

  #scalar(): Schema {
    return this.dice.oneOf(SCALARS) ?? TEXT;
  }

  #optional(schema: Schema): Schema {
    return this.dice.isOneIn(4) ? this.#withDefault(schema) : schema;
  }

  #withDefault(schema: Schema): Schema {
    const value = this.#default(schema);
    return value === undefined ? schema : { ...schema, default: value };
  }

  /** A default that the definition may have; undefined where it can't be told that it may. */
  #default(schema: Schema): Json | undefined {
    if (schema.default !== undefined || hasMore(schema)) return undefined;
    return this.values.of(schema, "default", 1);
  }

  #struct(depth: number): Schema {
    const names = this.dice.shuffled(NAMES).slice(0, 2 + this.dice.below(3));
    const properties = Object.fromEntries(
      names.map((name): [string, Schema] => [name, this.#inner(depth - 1)]),
    );
    const required = names.filter(() => this.dice.isOneIn(5));
    return required.length === 0 ? { type: "object", properties } : { type: "object", properties, required };
  }

  #mapList(depth: number): Schema {
    const keys = this.dice.isOneIn(3) ? ["key", "side"] : ["key"];
    const properties = Object.fromEntries(
      keys.map((key): [string, Schema] => [key, this.dice.oneOf(KEYS) ?? TEXT]),
    );
    // Each key needs to be required, or to have a default.
    const withDefault = keys.filter(key => key !== "key" && this.dice.isOneIn(2));
    for (const key of withDefault) properties[key] = { ...TEXT, default: "left" };
    const item = this.#struct(depth);
    return {
      type: "array",
      "x-kubernetes-list-type": "map",
      "x-kubernetes-list-map-keys": keys,
      items: {
        ...item,
        properties: { ...item.properties, ...properties },
        required: [...(item.required ?? []), ...keys.filter(key => !withDefault.includes(key))],
      },
    };
  }

  /** An item of a set has to be one value as a whole; lists and maps are valid ones, but no server-side apply takes them. */
  #setItem(): Schema {
    if (!this.dice.isOneIn(8)) return this.dice.oneOf(KEYS) ?? TEXT;
    return this.dice.isOneIn(2)
      ? { type: "array", items: TEXT, "x-kubernetes-list-type": "atomic" }
      : { type: "object", properties: { alpha: TEXT, beta: TEXT }, "x-kubernetes-map-type": "atomic" };
  }
}

/** Whether something is in a schema of which the random values may not be valid: items that have to differ. */
function hasMore(schema: Schema): boolean {
  const { items, properties = {}, additionalProperties: others } = schema;
  if (schema["x-kubernetes-list-type"] === "set" || schema["x-kubernetes-list-type"] === "map") return true;
  if (schema["x-kubernetes-embedded-resource"] === true) return true;
  const inner = [...Object.values(properties), items, typeof others === "object" ? others : undefined];
  return inner.some(one => one !== undefined && hasMore(one));
}
