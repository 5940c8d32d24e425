import fc from "fast-check";
import { inspect } from "node:util";
import { casesOf } from "./case";
import { playAlone, type Failure, type Portion } from "./rounds";
import type { Stage } from "./stage";

/** How long to look for a smaller case, in milliseconds. */
const TIME = 60_000;

/**
 * Looks for the smallest case that fails like one that has failed.
 *
 * @returns what is wrong with it, in words, with everything to do it again
 */
export async function shrunk(stage: Stage, { seed, size }: Portion, failure: Failure): Promise<string> {
  const { subject, index, error } = failure;
  const property = fc.asyncProperty(casesOf(subject, size), is => playAlone(stage, is));
  const options = { seed, path: `${index}`, numRuns: 1, interruptAfterTimeLimit: TIME };
  const { failed, errorInstance, numShrinks } = await fc.check(property, options);
  const headline = `${subject.kind}, seed ${seed}, case ${index}`;
  // Where the time was up before it has failed again, there is no error.
  return failed && errorInstance
    ? `${headline}, after ${numShrinks} steps to a smaller one: ${wordsOf(errorInstance)}`
    : `${headline}, which did not fail alone: ${wordsOf(error)}`;
}

function wordsOf(error: unknown): string {
  return error instanceof Error && error.name === "DriftError" ? error.message : inspect(error);
}
