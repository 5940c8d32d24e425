import type { Idle } from "../policy/exemption";
import { few } from "./words";

/** Says which rules are about nothing that a release has. */
export function idleWords(idle: readonly Idle[]): string {
  return `But ${few(idle.map(wordsOf))}.`;
}

function wordsOf({ field, lacks }: Idle): string {
  return lacks === "object"
    ? `${field} is about no object of the release`
    : `${field} is about no field of the chart, only about what others may add`;
}
