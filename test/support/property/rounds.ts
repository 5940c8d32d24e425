import fc from "fast-check";
import { writesOf } from "../audit";
import { workIsDone } from "../queue";
import type { Room } from "../room";
import { casesOf, type Case, type Size } from "./case";
import { Stage } from "./stage";
import type { Subject } from "./subject";
import { Trial, type Outcome } from "./trial";
import type { Verb } from "./changes";

/** How many objects are changed at a time. */
const AT_ONCE = 12;

/** How often what was done to which kind came to what. */
export interface Count {
  readonly kind: string;
  readonly verb: Verb;
  readonly writer: string;
  readonly outcome: Outcome;
}

export interface Failure {
  readonly subject: Subject;
  /** Which of the cases of its kind it is. */
  readonly index: number;
  readonly error: unknown;
}

/** What a round came to. */
export interface Result {
  readonly counts: readonly Count[];
  readonly failures: readonly Failure[];
}

/** Some cases of one kind, as `fc.check` makes them of the same seed. */
export interface Portion {
  readonly subject: Subject;
  readonly seed: number;
  readonly size: Size;
  readonly cases: number;
}

/** Plays the cases of portions in one room: first all are locked, then all changed. */
export async function playRound(stage: Stage, portions: readonly Portion[]): Promise<Result> {
  const trials = portions.flatMap(({ subject, seed, size, cases }) =>
    fc
      .sample(casesOf(subject, size), { seed, numRuns: cases })
      .map((is, index) => ({ subject, index, trial: new Trial(stage, is) })),
  );
  const failures: Failure[] = [];
  const failed = new Set<Trial>();
  const each = async (step: (trial: Trial) => Promise<void>): Promise<void> => {
    await atOnce(trials, async ({ subject, index, trial }) => {
      if (failed.has(trial)) return;
      try {
        await step(trial);
      } catch (error) {
        failed.add(trial);
        failures.push({ subject, index, error });
      }
    });
  };
  await each(trial => trial.install());
  await each(trial => trial.lock());
  // A lock is ready before all of its objects were looked at.
  await workIsDone(stage.room.locker);
  const written = await writtenPaths(stage.room);
  await each(trial => trial.isUnwritten(written));
  await each(trial => trial.play());
  await each(trial => trial.isStillRight());
  const counts = trials.flatMap(({ subject: { kind }, trial }) =>
    trial.outcomes.map(({ move: { verb, writer }, outcome }) => ({ kind, verb, writer, outcome })),
  );
  return { counts, failures };
}

/** Plays one case alone. @throws DriftError */
export async function playAlone(stage: Stage, is: Case): Promise<void> {
  const trial = new Trial(stage, is);
  await trial.install();
  await trial.lock();
  await workIsDone(stage.room.locker);
  await trial.isUnwritten(await writtenPaths(stage.room));
  await trial.play();
  await trial.isStillRight();
}

/** What the locker has written to so far. */
async function writtenPaths({ controlPlane, lockerUser }: Room): Promise<Set<string>> {
  const writes = writesOf(await controlPlane.auditLog(), lockerUser);
  return new Set(writes.map(({ requestURI }) => requestURI.replace(/\?.*$/, "")));
}

/** Does something with each of many things, a few at a time. */
async function atOnce<T>(things: readonly T[], work: (thing: T) => Promise<void>): Promise<void> {
  const waiting = [...things];
  const worker = async (): Promise<void> => {
    for (let next = waiting.shift(); next; next = waiting.shift()) await work(next);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}
