import { isDeepStrictEqual } from "node:util";
import { z } from "zod";

/** Any JSON value. */
export type Json = null | boolean | number | string | Json[] | JsonObject;

/** A JSON object. */
export interface JsonObject {
  [key: string]: Json;
}

/** Where something is inside a JSON value: keys of objects and positions in lists, from the outside in. */
export type Place = readonly (string | number)[];

/** What `JSON.parse` returns, which is not walked through: objects are large, and there are many. */
export const json = z.custom<Json>(() => true);

/** The same, where it is an object. */
export const jsonObject = z.custom<JsonObject>(
  value => typeof value === "object" && value !== null && !Array.isArray(value),
);

export function isMap(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** What is at a place; undefined if nothing is. */
export function valueAt(value: Json | undefined, place: Place): Json | undefined {
  return place.reduce<Json | undefined>((inner, step) => {
    if (Array.isArray(inner)) return typeof step === "number" ? inner[step] : undefined;
    return isMap(inner) && Object.hasOwn(inner, step) ? inner[step] : undefined;
  }, value);
}

/** A JSON pointer (RFC 6901). */
export function pointerOf(place: Place): string {
  return place.map(step => `/${`${step}`.replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");
}

/** An operation of a JSON patch (RFC 6902) at a place. */
export type Operation =
  | { readonly op: "add" | "replace"; readonly place: Place; readonly value: Json }
  | { readonly op: "remove"; readonly place: Place };

/** An operation as a JSON patch has it. */
export function inPointers({ place, ...rest }: Operation): JsonObject {
  return { ...rest, path: pointerOf(place) };
}

/** A value after an operation. */
export function after(value: Json, operation: Operation, depth = 0): Json {
  const step = operation.place[depth] ?? "";
  return Array.isArray(value)
    ? afterInList(value, Number(step), operation, depth)
    : afterInMap(isMap(value) ? value : {}, `${step}`, operation, depth);
}

function afterInList(items: Json[], index: number, operation: Operation, depth: number): Json[] {
  if (depth < operation.place.length - 1)
    return items.with(index, after(items[index] ?? null, operation, depth + 1));
  if (operation.op === "remove") return items.toSpliced(index, 1);
  return items.toSpliced(index, operation.op === "add" ? 0 : 1, operation.value);
}

function afterInMap(map: JsonObject, key: string, operation: Operation, depth: number): JsonObject {
  if (depth < operation.place.length - 1)
    return { ...map, [key]: after(map[key] ?? {}, operation, depth + 1) };
  return operation.op === "remove" ? lacking(map, [key]) : { ...map, [key]: operation.value };
}

/** The operation that puts a value at a place, with the maps around it that are missing. */
export function putting(object: JsonObject, place: Place, value: Json): Operation {
  const steps = place.map((_, index) => place.slice(0, index + 1));
  const outermost = steps.find(at => valueAt(object, at) === undefined) ?? place;
  const inside = place.slice(outermost.length);
  return {
    op: "add",
    place: outermost,
    value: inside.reduceRight<Json>((inner, step) => ({ [step]: inner }), value),
  };
}

/** Whether one place is inside the other, or the same. */
export function areNested(one: Place, other: Place): boolean {
  return one.every((step, index) => index >= other.length || step === other[index]);
}

/** A map without some of its keys. */
export function lacking(map: JsonObject, keys: readonly string[]): JsonObject {
  return Object.fromEntries(Object.entries(map).filter(([key]) => !keys.includes(key)));
}

/** A value as Helm sends it, which is written in Go: with the keys of maps in order. In what the server stores raw, another order is another value. */
export function sorted(value: Json): Json {
  if (Array.isArray(value)) return value.map(sorted);
  if (!isMap(value)) return value;
  const keys = Object.keys(value).sort();
  return Object.fromEntries(keys.map((key): [string, Json] => [key, sorted(value[key] ?? null)]));
}

/** The innermost places at which two values differ. */
export function differences(one: Json | undefined, other: Json | undefined, at: Place = []): Place[] {
  if (isDeepStrictEqual(one, other)) return [];
  if (isMap(one) && isMap(other)) {
    const keys = new Set([...Object.keys(one), ...Object.keys(other)]);
    return [...keys].flatMap(key => differences(one[key], other[key], [...at, key]));
  }
  if (!Array.isArray(one) || !Array.isArray(other) || one.length !== other.length) return [at];
  return one.flatMap((item, index) => differences(item, other[index], [...at, index]));
}
