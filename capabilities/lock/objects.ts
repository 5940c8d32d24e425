import { isDeepStrictEqual } from "node:util";
import { ConflictError, InvalidError, SchemaError } from "../cluster/errors";
import { decide } from "../drift/decide";
import { learnAllocated, learnRight, learnUnchanged, type Known } from "../drift/known";
import { ignoredIn } from "../drift/ignored";
import { isWrite, type Observed, type Operation } from "../drift/operation";
import { rivalIn, type Reason } from "../drift/reasons";
import type { KubeObject } from "../kube/object";
import type { ReleaseRef } from "../release/release";
import type { Reporter } from "../report/reporter";
import type { UnlabelledObjects } from "../sources/unlabelled-objects";
import type { Tracked } from "../state/lock";
import type { Problem } from "../state/problems";
import type { Store } from "../state/store";
import { contest, doubt, ignore, leave, refuseApply, settle, trouble, verified } from "../state/tracked";
import type { Controller, Request, Result } from "../work/controller";
import { untilItPasses } from "../work/retry";
import type { Fights } from "./fights";
import type { Memories } from "./memories";
import { beginLook, judgingOf, situationOf, type Later, type Look, type Step } from "./look";
import type { Questions } from "./questions";
import { isOfContent } from "./refusals";
import type { Salvage } from "./salvage";
import type { Writer } from "./writer";

/** How often a look may start over because its object changed meanwhile; after that, the queue backs off. */
const MAX_STEPS = 8;

/** For how many milliseconds finalizers may hold an object before users are told that nothing restores it meanwhile. */
const HELD = 2_000;

type Wait = Extract<Operation, { do: "wait" }>;
type None = Extract<Operation, { do: "none" }>;

/** What a look asks and acts by, and where its results go. */
interface Parts {
  readonly store: Store;
  readonly memories: Memories;
  readonly questions: Questions;
  readonly writer: Writer;
  readonly fights: Fights;
  readonly salvage: Salvage;
  readonly unlabelled: UnlabelledObjects;
  readonly reporter: Reporter;
}

/** Restores one tracked object to what its release tracks: decides, and lets the writer act. */
export class ObjectController implements Controller {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  async reconcile({ group, name }: Request, attempt: number): Promise<Result> {
    const { store, memories, salvage } = this.#parts;
    const lock = store.lockOf(group);
    const tracked = lock?.objects.get(name);
    if (!tracked || !lock?.record || !store.isDue(lock)) return undefined;
    const isVouched = (release: ReleaseRef) => store.lockOf(release)?.allowsCreate === true;
    const manager = store.managerOf(lock);
    const withheld = salvage.withheld(tracked, attempt === 1);
    const look = beginLook({ tracked, held: lock.record, manager, attempt, isVouched, withheld });
    const later = await this.#look(look);
    memories.ask(lock);
    if (!later) return undefined;
    if (later.problem) this.#fail(tracked, later.problem);
    return { retryAfter: later.retryAfter ?? untilItPasses(attempt), newsAfter: later.newsAfter };
  }

  failed({ group, name }: Request, error: unknown): void {
    const tracked = this.#parts.store.lockOf(group)?.objects.get(name);
    if (tracked) this.#fail(tracked, { is: "failed", error });
  }

  /** Looks until there is nothing to do, something to wait for, or Helm has moved on. */
  async #look(look: Look): Promise<Later | undefined> {
    for (let count = 0; count < MAX_STEPS * (1 + look.tries); count++) {
      const step = await this.#step(look);
      if (step === "done") return undefined;
      if (step !== "again") return step;
    }
    throw new ConflictError(409, "Conflict", "the object changes faster than it can be looked at");
  }

  async #step(look: Look): Promise<Step> {
    const operation = decide(situationOf(look));
    const { salvage } = this.#parts;
    try {
      return salvage.holdOff(look, operation) ?? (await this.#act(look, operation, look.tracked.observed));
    } catch (error) {
      if (isOvercome(look, error)) return "again";
      if (isOfContent(error) || error instanceof SchemaError)
        return salvage.unanswered(look, operation, error);
      throw error;
    }
  }

  async #act(look: Look, operation: Operation, observed: Observed): Promise<Step> {
    if (isWrite(operation)) return this.#parts.writer.write(look, operation);
    switch (operation.do) {
      case "wait":
        return this.#wait(look, operation, observed);
      case "none":
        return this.#settle(look, observed, operation);
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

  #settle(look: Look, observed: Observed, none: None): Step {
    const { tracked } = look;
    const { because } = none;
    if (because?.is === "withheld") return this.#parts.salvage.served(look);
    // An object that was looked at before keeps the problem that was found then.
    if (observed.as === "right" && tracked.problem?.is !== "fought over") return "done";
    this.#contest(look, because);
    const retryAfter = because ? 0 : this.#toldFor(tracked);
    this.#found(tracked, retryAfter > 0 ? tracked.problem : problemOf(because));
    if (tracked.observed === observed) this.#settled(look, observed, none);
    return retryAfter > 0 ? { problem: undefined, retryAfter, newsAfter: 0 } : "done";
  }

  #contest({ tracked, held }: Look, because: Reason | undefined): void {
    if (because?.is === "tracked by another") leave(tracked, held.uid);
    contest(tracked, rivalIn(because));
  }

  /** A fight is told of until nothing has been changed again for a while. */
  #toldFor(tracked: Tracked): number {
    return tracked.problem?.is === "fought over" ? this.#parts.fights.toldFor(tracked, performance.now()) : 0;
  }

  #found(tracked: Tracked, problem: Problem | undefined): void {
    if (isDeepStrictEqual(tracked.problem, problem)) return;
    trouble(tracked, problem);
    this.#parts.reporter.settled(tracked);
  }

  #settled(look: Look, observed: Observed, { because, isAsItWas }: None): void {
    const { tracked } = look;
    if (observed.as === "live" && !because) {
      const { object } = observed;
      const known = isAsItWas === true ? learnUnchanged(tracked.known, object) : this.#learn(look, object);
      verified(tracked, known);
    }
    this.#ignore(look, observed, because);
    this.#parts.salvage.settled(tracked);
    settle(tracked);
    this.#parts.unlabelled.follow(tracked);
  }

  #learn(look: Look, object: KubeObject): Known {
    const judging = judgingOf(look, object);
    return learnRight(learnAllocated(look.tracked.known, judging), judging);
  }

  /** Notes what others have of an object that was looked at: nothing, if it is not ours. */
  #ignore(look: Look, observed: Observed, because: Reason | undefined): void {
    const { tracked } = look;
    const fields = because?.is === "ignored" ? WHOLE : fieldsOfOthers(look, observed, because);
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

function problemOf(because: Reason | undefined): Problem | undefined {
  return because && !WANTED.has(because.is) ? { is: "left", because } : undefined;
}

function fieldsOfOthers(look: Look, observed: Observed, because: Reason | undefined): readonly string[] {
  const isOurs = !because || because.is === "kept" || because.is === "immutable";
  return observed.as === "live" && isOurs ? ignoredIn(situationOf(look), observed.object) : [];
}

/** Reasons that stand against nothing. */
const WANTED: ReadonlySet<Reason["is"]> = new Set(["finished", "ignored"]);

/** All of an object, as one field: a JSON pointer. */
const WHOLE = [""];

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
