import { hash } from "node:crypto";
import type { Json } from "./object";

/** Stands for a value at a place: 128 bits, so that no value has to be kept to be known again. */
export function digestOf(pointer: string, value: Json | undefined): string {
  return shortened(`${pointer}\0${value === undefined ? "" : canonical(value)}`);
}

/** The beginning of that, 24 bits, for what is many and only a hint. */
export function shortDigestOf(pointer: string, value: Json): string {
  return digestOf(pointer, value).slice(0, 4);
}

/** Stands for a value by itself: exactly 128 bits, as base64url. */
export function valueDigestOf(value: Json): string {
  return shortened(canonical(value));
}

/** A slice of the whole digest would keep that in memory. */
function shortened(text: string): string {
  return hash("sha256", text, "buffer").subarray(0, 16).toString("base64url");
}

/** Stands for a text, in characters that any name may have: 4 bits each. */
export function hexDigestOf(text: string, length: number): string {
  return hash("sha256", text, "hex").slice(0, length);
}

/** JSON of a value, the same whatever the order of its keys. */
function canonical(value: Json): string {
  if (typeof value === "bigint") return value.toString();
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const keys = Object.keys(value).sort();
  return `{${keys.map(key => `${JSON.stringify(key)}:${canonical(value[key] ?? null)}`).join(",")}}`;
}
