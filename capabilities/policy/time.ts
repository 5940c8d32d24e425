import * as z from "zod";
import { PolicyError } from "./policy-error";

const timeSchema = z.iso.datetime({ offset: true });

/**
 * Reads a point in time as metav1.Time has it: RFC 3339, with any offset.
 *
 * @param field where it stands
 * @returns milliseconds since 1970
 * @throws PolicyError
 */
export function readTime(field: string, text: string): number {
  if (!isTime(text))
    throw new PolicyError(
      `${field} ${JSON.stringify(text)} is no time: write it as RFC 3339 has it, as in "2026-01-31T18:00:00Z"`,
    );
  return Date.parse(text);
}

/** Whether a text is a point in time. */
export function isTime(text: string): boolean {
  return timeSchema.safeParse(text).success && !Number.isNaN(Date.parse(text));
}
