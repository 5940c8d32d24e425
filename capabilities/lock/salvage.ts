import { differences } from "../drift/differences";
import type { Operation, Write } from "../drift/operation";
import { placesOf } from "../drift/withheld";
import type { Tracked } from "../state/lock";
import type { Later, Look, Step } from "./look";
import type { Refusals } from "./refusals";
import { beginTrial, continueTrial, isOver, withheldBy, type Trial } from "./trial";

/** Puts right what can be put right of an object, whatever else of it the API server refuses. */
export class Salvage {
  readonly #refusals: Refusals;

  constructor(refusals: Refusals) {
    this.#refusals = refusals;
  }

  /** What a look is not to repair before everything else is right. @param isFirst whether what was refused may be accepted by now */
  withheld(tracked: Tracked, isFirst: boolean): readonly string[] {
    if (isFirst) this.#refusals.endWait(tracked);
    return this.#refusals.places(tracked);
  }

  /** When to look again, if an operation is not to be carried out now. */
  holdOff({ tracked }: Look, operation: Operation): Later | undefined {
    return this.#refusals.holdOff(tracked, operation, performance.now());
  }

  /** Whether what was refused may be written field by field: not in every attempt, nor in a search. */
  isWorthAnotherWay(look: Look, operation: Write): boolean {
    const { tracked, trial, isRefused, isRemovalRefused } = look;
    if (trial || operation.do === "create") return false;
    if (isRefused && (isRemovalRefused || operation.do !== "remove")) return false;
    return !look.isRetry || this.#refusals.attemptsAt(tracked) % 2 === 0;
  }

  /** A write was refused. */
  refused(look: Look, operation: Write, error: unknown): Step {
    const { tracked } = look;
    if (operation.do === "create") {
      this.#refusals.noteCreation(tracked, error, performance.now());
      return this.#later(look);
    }
    return this.#search(look, placesOf(operation.fields, tracked.desired, operation.live), error);
  }

  /** A question was refused, such as what the server would make of an object that was never verified. */
  unanswered(look: Look, operation: Operation, error: unknown): Step {
    if (operation.do !== "probe" || !operation.payload) return this.#refusedAll(look, error);
    const { live, payload } = operation;
    return this.#search(look, placesOf([...differences(payload, live).keys()], payload, live), error);
  }

  /** Everything is right but what is withheld: then that is tried again, once its time has come. */
  served(look: Look): Step {
    if (look.trial) this.#goOn(look, continueTrial(look.trial, false));
    else if (this.#refusals.isDue(look.tracked, performance.now())) this.#retry(look);
    else return this.#later(look);
    return "again";
  }

  /**
   * An object has changed: if what was refused is being tried again, that waits, and what has changed comes first.
   *
   * @returns whether it was
   */
  giveWay(look: Look): boolean {
    // What Helm's entry was given is pruned at once.
    if (!look.isRetry || look.takenOver) return false;
    this.#refusals.putOff(look.tracked, performance.now());
    this.#withhold(look);
    return true;
  }

  /** An object is right. */
  settled(tracked: Tracked): void {
    this.#refusals.forget(tracked);
  }

  #search(look: Look, places: readonly string[], error: unknown): Step {
    const { tracked, trial } = look;
    look.refusal = error;
    if (places.length === 0) return this.#refusedAll(look, error);
    const known = look.isRetry ? this.#refusals.places(tracked).filter(place => places.includes(place)) : [];
    if (known.length > 0) {
      this.#refusals.noteAgain(tracked, known, error, performance.now());
      this.#withhold(look);
    } else {
      if (look.isRetry) this.#refusals.forget(tracked);
      this.#goOn(look, trial ? continueTrial(trial, true) : beginTrial(places));
    }
    return "again";
  }

  #retry(look: Look): void {
    look.isRetry = true;
    look.tries += 1;
    look.withheld = [];
  }

  #refusedAll(look: Look, error: unknown): Step {
    this.#refusals.noteAll(look.tracked, error, performance.now());
    return this.#later(look);
  }

  #goOn(look: Look, trial: Trial): void {
    const { tracked, refusal } = look;
    const isDone = isOver(trial);
    if (isDone && trial.refused.length > 0)
      this.#refusals.note(tracked, trial.refused, refusal, performance.now());
    look.tries += 1;
    look.trial = isDone ? undefined : trial;
    this.#withhold(look, isDone ? [] : withheldBy(trial));
  }

  /** Goes on without what is known to be refused, and without what else is not to be tried now. */
  #withhold(look: Look, others: readonly string[] = []): void {
    look.isRetry = false;
    look.isRefused = false;
    look.isRemovalRefused = false;
    look.withheld = [...this.#refusals.places(look.tracked), ...others];
  }

  #later({ tracked }: Look): Step {
    return this.#refusals.later(tracked, performance.now()) ?? "again";
  }
}
