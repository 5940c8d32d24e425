import { randomUUID } from "node:crypto";
import type { Json } from "../kube/object";

/** Digits of an integer that may not fit into a double: 16 or more, almost always outside of strings. */
const LONG_INTEGER = /(^|[\s:,[])-?\d{16,}/;
const INTEGER = /^-?\d+$/;

/** What Node has since 21, and TypeScript's library does not declare yet. */
const { rawJSON } = JSON as JSON & { rawJSON?: (text: string) => unknown };

/** Whether Node reads and writes numbers as they are written. */
const IS_EXACT = rawJSON !== undefined;

/** Begins the texts that stand for integers where Node does not: nobody else knows it. */
const MARK = `${randomUUID()} `;

/** Where a string begins or ends, what is escaped in one, and a long integer that is a value. */
const QUOTE_ESCAPE_OR_INTEGER = /"|\\.|(?<![\w.+-])-?[1-9]\d{15,}(?=\s*(?:[,\]}]|$))/g;

/** A marked integer. */
const MARKED = new RegExp(`"${MARK}(-?\\d+)"`, "g");

/**
 * Parses JSON without loss: integers beyond 2^53 become bigint. Replies without long digits take the fast path.
 *
 * @param isExact whether Node reads numbers as they are written
 * @throws SyntaxError if the text is not JSON
 */
export function parseJson(text: string, isExact = IS_EXACT): Json {
  if (!LONG_INTEGER.test(text)) return JSON.parse(text) as Json;
  if (!isExact) return parseMarked(text);
  return JSON.parse(text, (_key, value: Json, context?: { source?: string }) => {
    const exact = typeof value === "number" && !Number.isSafeInteger(value) ? context?.source : undefined;
    return exact !== undefined && INTEGER.test(exact) ? BigInt(exact) : value;
  }) as Json;
}

function parseMarked(text: string): Json {
  let isInString = false;
  const marked = text.replaceAll(QUOTE_ESCAPE_OR_INTEGER, found => {
    if (found === '"') isInString = !isInString;
    const isMeant = INTEGER.test(found) && !isInString && !Number.isSafeInteger(Number(found));
    return isMeant ? `"${MARK}${found}"` : found;
  });
  return JSON.parse(marked, (_key, value: Json) =>
    typeof value === "string" && value.startsWith(MARK) ? BigInt(value.slice(MARK.length)) : value,
  ) as Json;
}

/** What YAML has no place for as it is, as which the API server reads what is applied: YAML 1.2, "Character Set". */
const NOT_IN_YAML = /[\u007f-\u0084\u0086-\u009f\ufffe\uffff]/g;

/** Writes JSON that is also YAML, with bigint as a plain integer. @param isExact whether Node writes numbers as they are written */
export function writeJson(value: unknown, isExact = IS_EXACT): string {
  const raw = isExact ? rawJSON : undefined;
  const json = JSON.stringify(value, (_key, part: unknown) =>
    typeof part === "bigint" ? (raw?.(part.toString()) ?? `${MARK}${part}`) : part,
  );
  const whole = raw ? json : json.replaceAll(MARKED, "$1");
  return whole.replaceAll(NOT_IN_YAML, escaped);
}

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
