import type { Count } from "./rounds";

/** How often each outcome came about, for each value of one column of the counts, as lines of text. */
export function tally(counts: readonly Count[], column: "kind" | "verb" | "writer"): string[] {
  const groups = Map.groupBy(counts, count => count[column]);
  return [...groups].map(([name, group]) => {
    const outcomes = [...Map.groupBy(group, ({ outcome }) => outcome)];
    return `  ${name}: ${outcomes.map(([outcome, { length }]) => `${length} ${outcome}`).join(", ")}`;
  });
}

/** How many changes were made: what the server refuses, and what leaves an object as it is, is none. */
export function changesIn(counts: readonly Count[]): number {
  return counts.filter(({ outcome }) => outcome === "reverted" || outcome === "told").length;
}
