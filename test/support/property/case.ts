import fc from "fast-check";
import { verbs, type Verb } from "./changes";
import type { Subject } from "./subject";
import { writers } from "./writers";

/** How an object comes about: as Helm 3 or Helm 4 makes it, or as one whose writers nobody knows any more. */
export const ways = ["helm", "helm4", "without managedFields"] as const;

/** How others than hands write; it stays. */
export const others = ["a controller of the object", "a known program"] as const;

/** See {@link others}. */
export type Other = (typeof others)[number];

/** One change of an object, chosen by its dice. */
export interface Move {
  readonly verb: Verb;
  /** A hand's way of writing, or somebody whose writes stay. */
  readonly writer: string;
  /** Whether it is made through an older API version, where there is one. */
  readonly isOlder: boolean;
  readonly dice: number;
}

/** One object, and what happens to it. */
export interface Case {
  readonly subject: Subject;
  readonly way: (typeof ways)[number];
  /** What it has beyond the least, by dice. */
  readonly growth: readonly number[];
  readonly moves: readonly Move[];
}

/** Numbers say nothing by their size: smaller ones are no simpler. */
const dice = fc.noShrink(fc.nat());

const move = fc.record({
  verb: fc.noShrink(fc.constantFrom(...verbs)),
  writer: fc.noShrink(fc.constantFrom(...Object.keys(writers), ...others)),
  isOlder: fc.noShrink(fc.boolean()),
  dice,
});

/** How much happens in a case. */
export interface Size {
  readonly growth: number;
  readonly moves: number;
}

/** Cases of a kind; they shrink by having less of everything. */
export function casesOf(subject: Subject, { growth, moves }: Size): fc.Arbitrary<Case> {
  return fc.record({
    subject: fc.constant(subject),
    way: fc.noShrink(fc.constantFrom(...ways)),
    growth: fc.array(dice, { minLength: 0, maxLength: growth, size: "max" }),
    moves: fc.array(move, { minLength: 1, maxLength: moves, size: "max" }),
  });
}
