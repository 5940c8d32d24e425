import { isDeepStrictEqual } from "node:util";
import { ConflictError, InvalidError, SchemaError } from "../cluster/errors";
import { decide } from "../drift/decide";
import { learnAllocated, learnRight, learnUnchanged, type Known } from "../drift/known";
import { ignoredIn } from "../drift/ignored";
import type { Observed, Operation } from "../drift/operation";
import { rivalIn, type Reason } from "../drift/reasons";
import type { KubeObject } from "../kube/object";
import type { ReleaseRef } from "../release/release";
import type { Reporter } from "../report/reporter";
import type { Tracked } from "../state/lock";
import type { Problem } from "../state/problems";
import type { Store } from "../state/store";
import { contest, doubt, ignore, refuseApply, settle, trouble, verified } from "../state/tracked";
import type { Controller, Request, Result } from "../work/controller";
import { untilItPasses } from "../work/retry";
import { beginLook, judgingOf, situationOf, type Later, type Look, type Step } from "./look";
import type { Questions } from "./questions";
import { isWrite, type Writer } from "./writer";

/** How often a look may start over because its object changed meanwhile; after that, the queue backs off. */
const MAX_STEPS = 8;

/** For how many milliseconds finalizers may hold an object before users are told that nothing restores it meanwhile. */
const HELD = 2_000;

type Wait = Extract<Operation, { do: "wait" }>;

/** What a look asks and acts by, and where its results go. */
interface Parts {
  readonly store: Store;
  readonly questions: Questions;
  readonly writer: Writer;
  readonly reporter: Reporter;
}

/** Restores one tracked object to what its release tracks: decides, and lets the writer act. */
export class ObjectController implements Controller {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  async reconcile({ group, name }: Request, attempt: number): Promise<Result> {
    const { store } = this.#parts;
    const lock = store.lockOf(group);
    const tracked = lock?.objects.get(name);
    if (!tracked || !lock?.record || !store.isDue(lock)) return undefined;
    const isVouched = (release: ReleaseRef) => store.lockOf(release)?.allowsCreate === true;
    const manager = store.managerOf(lock);
    const look = beginLook({ tracked, held: lock.record, manager, attempt, isVouched });
    const later = await this.#look(look);
    if (!later) return undefined;
    if (later.problem) this.#fail(tracked, later.problem);
    return { retryAfter: later.retryAfter ?? untilItPasses(attempt) };
  }

  failed({ group, name }: Request, error: unknown): void {
    const tracked = this.#parts.store.lockOf(group)?.objects.get(name);
    if (tracked) this.#fail(tracked, { is: "failed", error });
  }

  /** Looks until there is nothing to do, something to wait for, or Helm has moved on. */
  async #look(look: Look): Promise<Later | undefined> {
    for (let count = 0; count < MAX_STEPS; count++) {
      const step = await this.#step(look);
      if (step === "done") return undefined;
      if (step !== "again") return step;
    }
    throw new ConflictError(409, "Conflict", "the object changes faster than it can be looked at");
  }

  async #step(look: Look): Promise<Step> {
    try {
      return await this.#act(look, decide(situationOf(look)), look.tracked.observed);
    } catch (error) {
      if (!isOvercome(look, error)) throw error;
      return "again";
    }
  }

  async #act(look: Look, operation: Operation, observed: Observed): Promise<Step> {
    if (isWrite(operation)) return this.#parts.writer.write(look, operation);
    switch (operation.do) {
      case "wait":
        return this.#wait(look, operation, observed);
      case "none":
        this.#settle(look, observed, operation);
        return "done";
      case "observe":
      case "ask":
      case "probe":
      case "compare":
        return this.#parts.questions.answer(look, operation, observed);
    }
  }

  /** If no watch shows an object, only another look can show that it is gone. */
  #wait({ tracked, attempt }: Look, { isWatched, isHeld }: Wait, observed: Observed): Step {
    const problem: Problem = { is: "held by finalizers" };
    if (!isWatched) {
      if (tracked.observed === observed) doubt(tracked);
      return { problem: isHeld ? problem : undefined };
    }
    if (!isHeld) return "done";
    if (attempt === 1) return { problem: undefined, retryAfter: HELD };
    this.#fail(tracked, problem);
    return "done";
  }

  #settle(look: Look, observed: Observed, { because, isAsItWas }: Extract<Operation, { do: "none" }>): void {
    const { tracked } = look;
    // An object that was looked at before keeps the problem that was found then.
    if (observed.as === "right") return;
    const problem: Problem | undefined =
      because && because.is !== "finished" ? { is: "left", because } : undefined;
    contest(tracked, rivalIn(because));
    if (!isDeepStrictEqual(tracked.problem, problem)) {
      trouble(tracked, problem);
      this.#parts.reporter.settled(tracked);
    }
    if (tracked.observed !== observed) return;
    if (observed.as === "live" && !because) {
      const { object } = observed;
      verified(
        tracked,
        isAsItWas === true ? learnUnchanged(tracked.known, object) : this.#learn(look, object),
      );
    }
    this.#ignore(look, observed, because);
    settle(tracked);
  }

  #learn(look: Look, object: KubeObject): Known {
    const { known, desired } = look.tracked;
    return learnRight(learnAllocated(known, desired, object), judgingOf(look, object));
  }

  /** Notes what known controllers have of an object that was looked at: nothing, if it is not ours. */
  #ignore(look: Look, observed: Observed, because: Reason | undefined): void {
    const { tracked } = look;
    const isOurs = !because || because.is === "kept" || because.is === "immutable";
    const fields = observed.as === "live" && isOurs ? ignoredIn(situationOf(look), observed.object) : [];
    const before = tracked.ignored;
    if (before === fields.length) return;
    ignore(tracked, fields.length);
    this.#parts.reporter.ignored(tracked, fields, before);
  }

  #fail(tracked: Tracked, problem: Problem): void {
    const before = tracked.problem;
    trouble(tracked, problem);
    this.#parts.reporter.failed(tracked, before);
  }
}

/** What an apply refuses for good is written field by field; where it is the drift that it refuses, that goes first. */
function isOvercome(look: Look, error: unknown): boolean {
  const { tracked } = look;
  if (look.isRefused) return false;
  if (error instanceof InvalidError) {
    // Before anything is known of the object, nothing tells what the server has made of it by itself.
    look.isRefused = tracked.known !== undefined && !look.isAsked;
    return look.isRefused;
  }
  if (!(error instanceof SchemaError) || !tracked.isApplicable) return false;
  if (!error.isOfLive) refuseApply(tracked);
  else if (tracked.observed.as === "absent") doubt(tracked);
  else look.isRefused = true;
  return true;
}
