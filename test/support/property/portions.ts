import type { Size } from "./case";
import type { Portion } from "./rounds";
import type { Stage } from "./stage";
import type { Subject } from "./subject";

/** How much more there is of custom resources than of a built-in kind: cases, and growth of each. */
const SHAPES = 4;

/** Which cases are played. */
export interface Selection {
  readonly seed: number;
  readonly size: Size;
  /** How many of each built-in kind. */
  readonly cases: number;
  /** The only kind that they are of; all where absent. */
  readonly kind?: string | undefined;
}

/** Cases of every kind of a stage. */
export function portionsOf({ subjects }: Stage, { seed, size, cases, kind }: Selection): Portion[] {
  const { growth } = size;
  const larger = { ...size, growth: growth * SHAPES };
  const all: Omit<Portion, "seed">[] = [
    ...subjects.builtIn.map(subject => ({ subject, cases, size })),
    ...subjects.generated.map(subject => ({ subject, cases: cases * SHAPES, size: larger })),
  ];
  const isPlayed = ({ subject }: { subject: Subject }): boolean =>
    kind === undefined || kind === subject.kind;
  // Each kind has its own seed, so that not all of them go through the same.
  return all.map((each, index) => ({ ...each, seed: (seed + index * 7919) | 0 })).filter(isPlayed);
}
