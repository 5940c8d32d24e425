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

  /** What a look is not to repair. @param isFirst whether what was refused may be accepted by now */
  withheld(tracked: Tracked, isFirst: boolean): readonly string[] {
    if (isFirst) this.#refusals.endWait(tracked);
    return this.#refusals.withheld(tracked, performance.now());
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
    const places = placesOf(operation.fields, tracked.desired, operation.live);
    return !this.#refusals.knows(tracked, places) || this.#refusals.attemptsAt(tracked) % 2 === 0;
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

  /** Everything is right but what is withheld. */
  served(look: Look): Step {
    if (!look.trial) return this.#later(look);
    this.#goOn(look, continueTrial(look.trial, false));
    return "again";
  }

  /** An object is right. */
  settled(tracked: Tracked): void {
    this.#refusals.forget(tracked);
  }

  #search(look: Look, places: readonly string[], error: unknown): Step {
    const { tracked, trial } = look;
    look.refusal = error;
    if (places.length === 0) return this.#refusedAll(look, error);
    if (trial) this.#goOn(look, continueTrial(trial, true));
    else if (this.#refusals.knows(tracked, places)) this.#withhold(look, places);
    else this.#goOn(look, beginTrial(places));
    return "again";
  }

  #refusedAll(look: Look, error: unknown): Step {
    this.#refusals.noteAll(look.tracked, error, performance.now());
    return this.#later(look);
  }

  #goOn(look: Look, trial: Trial): void {
    look.isRefused = false;
    look.isRemovalRefused = false;
    look.tries += 1;
    look.trial = isOver(trial) ? undefined : trial;
    if (isOver(trial)) this.#withhold(look, trial.refused);
    else look.withheld = [...this.#refusals.withheld(look.tracked, performance.now()), ...withheldBy(trial)];
  }

  #withhold(look: Look, places: readonly string[]): void {
    const now = performance.now();
    look.isRefused = false;
    look.isRemovalRefused = false;
    if (places.length > 0) this.#refusals.note(look.tracked, places, look.refusal, now);
    look.withheld = this.#refusals.withheld(look.tracked, now);
  }

  #later({ tracked }: Look): Step {
    return this.#refusals.later(tracked, performance.now()) ?? "again";
  }
}
