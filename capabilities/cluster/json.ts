import type { Json } from "../kube/object";

/** Digits of an integer that may not fit into a double: 16 or more, almost always outside of strings. */
const LONG_INTEGER = /(^|[\s:,[])-?\d{16,}/;
const INTEGER = /^-?\d+$/;

/**
 * Parses JSON without loss: integers beyond 2^53 become bigint. Replies without long digits take the fast path.
 *
 * @throws SyntaxError if the text is not JSON
 */
export function parseJson(text: string): Json {
  if (!LONG_INTEGER.test(text)) return JSON.parse(text) as Json;
  return JSON.parse(text, (_key, value: Json, context?: { source?: string }) => {
    const exact = typeof value === "number" && !Number.isSafeInteger(value) ? context?.source : undefined;
    return exact !== undefined && INTEGER.test(exact) ? BigInt(exact) : value;
  }) as Json;
}

/** Writes JSON, with bigint as a plain integer. */
export function writeJson(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) =>
    typeof part === "bigint" ? rawJson(part.toString()) : part,
  );
}

/** JSON.rawJSON, which Node has since 22, and which TypeScript's library does not declare yet. */
function rawJson(text: string): unknown {
  return (JSON as JSON & { rawJSON(text: string): unknown }).rawJSON(text);
}
