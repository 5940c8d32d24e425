import { isDeepStrictEqual } from "node:util";
import {
  after,
  areNested,
  isMap,
  valueAt,
  type Json,
  type JsonObject,
  type Operation,
  type Place,
} from "./json";
import { spotsOf, type Spot } from "./places";
import type { Schema } from "./schema";
import type { Values } from "./values";

/** What is done to a place of an object. */
export const verbs = ["edit", "add", "remove", "reorder", "replace", "empty"] as const;

/** See {@link verbs}. */
export type Verb = (typeof verbs)[number];

/** One change of an object, not yet written. */
export interface Change {
  readonly operation: Operation;
  /** The whole object with it. */
  readonly changed: JsonObject;
  /** The schemas on the way to its place, from the outside in: of the object, ..., of what is changed. */
  readonly schema: Schema;
}

const TEXT: Schema = { type: "string" };

/** How far what is added reaches beyond what is required. */
const DEPTH = 2;

/** Makes random changes to objects of a schema. */
export class Changes {
  constructor(
    readonly values: Values,
    readonly schema: Schema,
    /** Labels and annotations that are changed, too. */
    readonly marks: readonly Place[] = [],
    /** Where every other change is made; anywhere where there is none. */
    readonly focus: readonly Place[] = [],
  ) {}

  /** A random change to an object; undefined if nothing in it can be changed so. */
  of(object: JsonObject, verb: Verb): Change | undefined {
    const { dice, schemas } = this.values;
    const marks = this.marks.map(place => ({ place, schema: TEXT, value: valueAt(object, place) }));
    const all = [...spotsOf(schemas, this.schema, object), ...marks];
    const isFocused = this.focus.length > 0 && dice.isOneIn(2);
    const spots = isFocused ? all.filter(({ place }) => this.#isInFocus(place)) : all;
    const operations = dice.shuffled(spots).map(spot => this.#operation(spot, verb));
    const operation = operations.find(found => found !== undefined);
    if (!operation) return undefined;
    const changed = after(object, operation);
    return isMap(changed) ? { operation, changed, schema: this.schema } : undefined;
  }

  #isInFocus(place: Place): boolean {
    return this.focus.some(focus => focus.length <= place.length && areNested(focus, place));
  }

  #operation(spot: Spot, verb: Verb): Operation | undefined {
    const { place, value } = spot;
    switch (verb) {
      case "edit":
        return isComposite(value) ? undefined : this.#replaced(spot);
      case "replace":
        return isComposite(value) ? this.#replaced(spot) : undefined;
      case "add":
        return this.#added(spot);
      case "remove":
        return value === undefined ? undefined : { op: "remove", place };
      case "reorder":
        return this.#reordered(spot);
      case "empty":
        return emptied(spot);
    }
  }

  #replaced({ place, schema, value }: Spot): Operation | undefined {
    if (value === undefined) return undefined;
    const other = this.values.of(schema, nameOf(place), DEPTH);
    return isDeepStrictEqual(other, value) ? undefined : { op: "replace", place, value: other };
  }

  /** A field that is absent, an item of a list, or an entry of a map. */
  #added({ place, schema, value }: Spot): Operation | undefined {
    const { values } = this;
    if (value === undefined) return { op: "add", place, value: values.of(schema, nameOf(place), DEPTH) };
    if (Array.isArray(value)) {
      const item = values.of(schema.items ?? {}, nameOf(place).replace(/s$/, ""), DEPTH);
      return { op: "add", place: [...place, values.dice.below(value.length + 1)], value: item };
    }
    const others = schema.additionalProperties;
    const isOpen = schema["x-kubernetes-preserve-unknown-fields"] === true;
    if (!isMap(value) || (typeof others !== "object" && !isOpen)) return undefined;
    const key = values.key();
    if (Object.hasOwn(value, key)) return undefined;
    const entry = values.of(typeof others === "object" ? others : {}, key, DEPTH);
    return { op: "add", place: [...place, key], value: entry };
  }

  #reordered({ place, value }: Spot): Operation | undefined {
    if (!Array.isArray(value)) return undefined;
    const items = this.values.dice.isOneIn(2) ? value.toReversed() : this.values.dice.shuffled(value);
    return isDeepStrictEqual(items, value) ? undefined : { op: "replace", place, value: items };
  }
}

/** Nothing of the same type, or null. */
function emptied({ place, value, schema }: Spot): Operation | undefined {
  if (value === undefined || value === null || value === "") return undefined;
  if (schema.nullable === true) return { op: "replace", place, value: null };
  const empty = Array.isArray(value) ? [] : isMap(value) ? {} : typeof value === "string" ? "" : undefined;
  const isNews = empty !== undefined && !isDeepStrictEqual(empty, value);
  return isNews ? { op: "replace", place, value: empty } : undefined;
}

function isComposite(value: Json | undefined): boolean {
  return Array.isArray(value) || isMap(value);
}

/** The name of the field that holds a place. */
function nameOf(place: Place): string {
  return place.findLast(step => typeof step === "string") ?? "";
}
