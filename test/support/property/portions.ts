import type { Size } from "./case";
import type { Portion } from "./rounds";
import { builtIn } from "./subjects";
import { widgets } from "./widgets";

/** How many cases of custom resources there are for one of a built-in kind: they have more shapes. */
const SHAPES = 4;

/** Cases of every kind. @param cases how many of each built-in kind */
export function portionsOf(seed: number, size: Size, cases: number): Portion[] {
  const all = [
    ...builtIn.map(subject => ({ subject, cases })),
    ...widgets.map(subject => ({ subject, cases: cases * SHAPES })),
  ];
  // Each kind has its own seed, so that not all of them go through the same.
  return all.map((each, index) => ({ ...each, size, seed: (seed + index * 7919) | 0 }));
}
