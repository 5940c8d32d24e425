import { differences } from "../drift/differences";
import type { Operation, Write } from "../drift/operation";
import { placesOf } from "../drift/withheld";
import type { Tracked } from "../state/lock";
import type { Later, Look, Step } from "./look";
import type { Refusals } from "./refusals";
import { beginTrial, continueTrial, isOver, withheldBy, type Trial } from "./trial";

/** In which attempts at what is refused its parts are tried by themselves: every fourth. */
const SEARCHED = 4;

/** Puts right what can be put right of an object, whatever else of it the API server refuses. */
export class Salvage {
  readonly #refusals: Refusals;

  constructor(refusals: Refusals) {
    this.#refusals = refusals;
  }

  /** Decides whether a look tries what was refused again: in a first one, it may be accepted by now. */
  begin(look: Look): void {
    const { tracked, attempt } = look;
    if (attempt === 1) this.#refusals.endWait(tracked);
    const places = this.#refusals.places(tracked);
    look.isRetry = places.length > 0 && this.#refusals.isDue(tracked, performance.now());
    look.withheld = look.isRetry ? [] : places;
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
    const { fields, rest = [], live } = operation;
    const places = placesOf(fields, tracked.desired, live);
    return this.#withoutSome(look, places, error, placesOf(rest, tracked.desired, live));
  }

  /** A question was refused, such as what the server would make of an object that was never verified. */
  unanswered(look: Look, operation: Operation, error: unknown): Step {
    if (operation.do !== "probe" || !operation.payload) return this.#refusedAll(look, error);
    const { live, payload } = operation;
    return this.#withoutSome(look, placesOf([...differences(payload, live).keys()], payload, live), error);
  }

  /** Everything is right but what is withheld. */
  served(look: Look): Step {
    if (!look.trial) return this.#later(look);
    this.#goOn(look, continueTrial(look.trial, false));
    return "again";
  }

  /**
   * An object has changed: if what was refused is being tried again, what else there is comes first, and that is tried in the next look.
   *
   * @returns whether it was
   */
  giveWay(look: Look): boolean {
    // What Helm's entry was given is pruned at once.
    if (!look.isRetry || look.takenOver) return false;
    this.#withhold(look);
    return true;
  }

  /** An object is right. */
  settled(tracked: Tracked): void {
    this.#refusals.forget(tracked);
  }

  /** Goes on without some of the places that are refused together. @param rest where else the object differs */
  #withoutSome(look: Look, places: readonly string[], error: unknown, rest: readonly string[] = []): Step {
    const { tracked, trial, isRetry } = look;
    look.refusal = error;
    if (places.length === 0) return this.#refusedAll(look, error);
    const before = isRetry ? this.#refusals.places(tracked) : [];
    const known = before.filter(place => places.includes(place) || rest.includes(place));
    if (known.length > 0) this.#refusedAgain(look, known, error);
    else this.#goOn(look, trial ? continueTrial(trial, true) : beginTrial(places));
    return "again";
  }

  /** What is refused together may be accepted by parts: now and then, that is tried. */
  #refusedAgain(look: Look, places: readonly string[], error: unknown): void {
    const { tracked } = look;
    const isSearched = places.length > 1 && this.#refusals.attemptsAt(tracked) % SEARCHED === 0;
    this.#refusals.noteAgain(tracked, isSearched ? [] : places, error, performance.now());
    if (isSearched) this.#goOn(look, beginTrial(places));
    else this.#withhold(look);
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
