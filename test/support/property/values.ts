import type { Dice } from "./dice";
import type { Json, JsonObject } from "./json";
import type { Schema, Schemas } from "./schema";

const NAMES = ["a", "b", "web", "side", "http", "tier"];

/** Values by what the name of their field, or its format, says: most of what is made of other texts the server refuses. */
const TEXTS: readonly (readonly [name: RegExp, texts: readonly string[]])[] = [
  [/^quantity$/, ["1", "2000m", "100m", "1Gi", "0.5", "500"]],
  [/^byte$/, ["Yg==", "YQ==", ""]],
  [/date-time|^microtime/, ["2026-01-02T03:04:05Z"]],
  [/cidr/i, ["10.1.0.0/16", "192.168.0.0/24"]],
  [/ips?$/i, ["10.0.9.1", "192.0.2.7"]],
  [/path|mount/i, ["/", "/a", "/b/c"]],
  [/host|domain/i, ["a.example.com", "b.example.com"]],
  [/image$/i, ["nginx:1.27", "busybox"]],
  [/apigroup|^group$/i, ["none.example.com", ""]],
  [/apiversion/i, ["v1"]],
  [/^key$|topologykey/i, ["disk", "example.com/zone"]],
  [/schedule$/i, ["0 3 * * *", "*/5 * * * *"]],
  [/seconds/i, ["10s"]],
];

const NUMBERS = [0, 1, 2, 3, 5, 30, 80, 443, 8080];
const EITHER = [1, 80, "25%", "http"];

/** Values of types that any of a few will do for. */
const CHOICES: Readonly<Record<string, readonly Json[]>> = {
  boolean: [true, false],
  integer: NUMBERS,
  number: NUMBERS,
};

/** Makes random values of schemas. */
export class Values {
  constructor(
    readonly schemas: Schemas,
    readonly dice: Dice,
  ) {}

  /**
   * A random value.
   *
   * @param name of its field, from which texts are guessed
   * @param depth how far it reaches beyond what is required
   */
  of(reference: Schema, name: string, depth: number): Json {
    const { dice } = this;
    const schema = this.schemas.resolved(reference);
    // An enum has to name null, too, for that to be valid.
    if (schema.nullable === true && !schema.enum && dice.isOneIn(4)) return null;
    const choice = choiceOf(schema);
    if (choice) return dice.oneOf(choice) ?? null;
    if (schema.type === "array") return this.#list(schema, name, depth);
    return schema.type === "object" || schema.properties
      ? this.#map(schema, name, depth)
      : this.#text(schema.format ?? name);
  }

  /** A random key of a map. */
  key(): string {
    return this.dice.oneOf(NAMES) ?? "a";
  }

  #text(name: string): string {
    const texts = TEXTS.find(([pattern]) => pattern.test(name))?.[1] ?? NAMES;
    return this.dice.oneOf(texts) ?? "a";
  }

  #list({ items = {} }: Schema, name: string, depth: number): Json[] {
    const length = depth > 0 ? this.dice.below(3) : 1;
    return Array.from({ length }, () => this.of(items, name.replace(/s$/, ""), depth - 1));
  }

  #map(schema: Schema, name: string, depth: number): JsonObject {
    const { properties = {}, required = [], additionalProperties: others } = schema;
    const fields = Object.entries(properties)
      .filter(([key]) => required.includes(key) || (depth > 0 && this.dice.isOneIn(3)))
      .map(([key, field]): [string, Json] => [key, this.of(field, key, depth - 1)]);
    return {
      ...this.#identity(schema),
      ...Object.fromEntries(fields),
      ...this.#others(others, schema, name),
    };
  }

  #others(others: Schema["additionalProperties"], schema: Schema, name: string): JsonObject {
    if (typeof others === "object") {
      const keys = Array.from({ length: this.dice.below(3) }, () => this.key());
      return Object.fromEntries(keys.map(key => [key, this.of(others, name, 0)]));
    }
    return schema["x-kubernetes-preserve-unknown-fields"] === true ? this.#anything() : {};
  }

  /** What no schema describes. */
  #anything(): JsonObject {
    const values: Json[] = ["text", 7, true, ["x", "y"], { deep: { list: [{ name: "a" }, { name: "b" }] } }];
    return { [this.key()]: this.dice.oneOf(values) ?? null };
  }

  /** An object inside another one needs to say what it is. */
  #identity(schema: Schema): JsonObject {
    if (schema["x-kubernetes-embedded-resource"] !== true) return {};
    return { apiVersion: "v1", kind: "ConfigMap", metadata: { name: this.key() } };
  }
}

function choiceOf(schema: Schema): readonly Json[] | undefined {
  if (schema.enum) return schema.enum;
  return schema["x-kubernetes-int-or-string"] === true ? EITHER : CHOICES[schema.type ?? ""];
}
