import type { Operation } from "kubernetes-fluent-client";

/** A JSON value. Integers beyond 2^53 are bigint, so that they reach the API server unchanged. */
export type Json = null | boolean | number | bigint | string | Json[] | JsonObject;

/** A JSON object. */
export interface JsonObject {
  [key: string]: Json;
}

/** A Kubernetes object as plain JSON: unknown fields are kept, dates stay strings. */
export interface KubeObject extends JsonObject {
  apiVersion: string;
  kind: string;
  metadata: ObjectMeta;
}

/** The part of an object's metadata that the locker reads. */
type ObjectMeta = JsonObject & { name: string };

/** Whether a value is a JSON object, neither null nor a list. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** What a map has under a key of its own; undefined where it has none. */
export function own(map: JsonObject, key: string): Json | undefined {
  return Object.hasOwn(map, key) ? map[key] : undefined;
}

/** What an object has beside its kind, its metadata and its status: what a chart has a say in. */
export function bodyOf(object: KubeObject): JsonObject {
  return Object.fromEntries(Object.entries(object).filter(([key]) => !ASIDE.has(key)));
}

const ASIDE = new Set(["apiVersion", "kind", "metadata", "status"]);

/** One step of a JSON patch (RFC 6902). */
export type PatchOperation = Operation;
