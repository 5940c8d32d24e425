import { isDeepStrictEqual } from "node:util";
import { ConflictError, SchemaError } from "../cluster/errors";
import { decide } from "../drift/decide";
import { isWrite, type Observed, type Operation } from "../drift/operation";
import { rivalIn, type Reason } from "../drift/reasons";
import type { ReleaseRef } from "../release/release";
import type { Reporter } from "../report/reporter";
import type { UnlabelledObjects } from "../sources/unlabelled-objects";
import type { Tracked } from "../state/lock";
import { problemOf, type Problem } from "../state/problems";
import { toLookAt } from "../state/requests";
import { modeOf } from "../state/standing";
import type { Store } from "../state/store";
import { doubt, leave, settle, trouble, verified } from "../state/tracked";
import type { Controller, Request, Result } from "../work/controller";
import type { Queue } from "../work/queue";
import type { Accounts } from "./accounts";
import type { Chronicle } from "./chronicle";
import type { Drifts } from "./drifts";
import type { Fights } from "./fights";
import type { Memories } from "./memories";
import type { Patience } from "./patience";
import { beginLook, learnedIn, resultOf, situationOf, type Later, type Look, type Step } from "./look";
import type { Questions } from "./questions";
import { isOfContent, isOvercome } from "./refusals";
import type { Salvage } from "./salvage";
import { noteShares } from "./shares";
import type { Writer } from "./writer";

/** How often a look may start over because its object changed meanwhile; after that, the queue backs off. */
const MAX_STEPS = 8;

/** For how many milliseconds finalizers may hold an object before users are told that nothing restores it meanwhile. */
const HELD = 2_000;
type None = Extract<Operation, { do: "none" }>;

/** What a look asks and acts by, and where its results go. */
interface Parts {
  readonly store: Store;
  readonly queue: Pick<Queue, "add">;
  readonly memories: Pick<Memories, "ask">;
  readonly questions: Pick<Questions, "answer">;
  readonly writer: Pick<Writer, "write">;
  readonly drifts: Pick<Drifts, "settled" | "left" | "ended" | "untrouble">;
  readonly fights: Fights;
  readonly salvage: Salvage;
  readonly patience: Pick<Patience, "holdOff">;
  readonly accounts: Pick<Accounts, "obstacle" | "failed">;
  readonly unlabelled: Pick<UnlabelledObjects, "follow">;
  readonly chronicle: Pick<Chronicle, "follow">;
  readonly reporter: Pick<Reporter, "settled" | "failed" | "ignored" | "statusOf">;
}

/** Restores one tracked object to what its release tracks: decides, and lets the writer act. */
export class ObjectController implements Controller {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  async reconcile({ group, name }: Request, attempt: number): Promise<Result> {
    const { store, salvage, drifts, chronicle } = this.#parts;
    const lock = store.lockOf(group);
    const tracked = lock?.objects.get(name);
    if (!tracked || !lock?.record || !store.isDue(lock)) return undefined;
    const isVouched = (release: ReleaseRef) => store.lockOf(release)?.allowsCreate === true;
    const manager = store.managerOf(lock);
    const look = beginLook({ tracked, held: lock.record, manager, attempt, isVouched });
    salvage.begin(look);
    const later = await chronicle.follow(look, this.#look(look)).catch((error: unknown) => {
      drifts.left(look);
      this.#ended(look);
      throw error;
    });
    if (later?.problem) this.#leave(look, later.problem);
    // What waits for an answer is looked at again.
    if (look.operation.do !== "ask") this.#ended(look);
    return later && resultOf(later, attempt);
  }

  failed({ group, name }: Request, error: unknown): void {
    const tracked = this.#parts.store.lockOf(group)?.objects.get(name);
    if (tracked) this.#fail(tracked, { is: "failed", error });
  }

  /** What was found by an earlier policy need not be so by the one that holds now. */
  #ended(look: Look): void {
    const { tracked, policy } = look;
    const { drifts, memories, queue } = this.#parts;
    drifts.ended(look);
    memories.ask(tracked.lock);
    if (tracked.lock.policy !== policy) queue.add(toLookAt(tracked));
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
    const { observed } = look.tracked;
    const operation = decide(situationOf(look));
    const { patience, salvage, accounts } = this.#parts;
    look.operation = operation;
    if (isWrite(operation) && modeOf(look.tracked.lock) === "warn") return this.#warn(look);
    try {
      const later = patience.holdOff(look, operation) ?? salvage.holdOff(look, operation);
      return (
        later ?? (await accounts.obstacle(look, operation)) ?? (await this.#act(look, operation, observed))
      );
    } catch (error) {
      if (isOvercome(look, error)) return "again";
      if (isOfContent(error) || error instanceof SchemaError)
        return salvage.unanswered(look, operation, error);
      throw error;
    }
  }

  async #act(look: Look, operation: Operation, observed: Observed): Promise<Step> {
    const { store, writer, questions } = this.#parts;
    if (isWrite(operation)) return writer.write(look, operation);
    if (operation.do === "ask" && operation.about === "owner") store.contest(look.tracked, operation.owner);
    switch (operation.do) {
      case "wait":
        return this.#wait(look, operation, observed);
      case "none":
        return this.#settle(look, observed, operation);
      case "observe":
      case "ask":
      case "probe":
      case "compare":
        return questions.answer(look, operation, observed);
    }
  }

  /** Nothing is written; what differs is told of. A watch shows what has lost Helm's label as deleted. */
  #warn(look: Look): Step {
    const { observed } = look.tracked;
    if (observed.as === "absent" && !observed.wasRead) {
      doubt(look.tracked);
      return "again";
    }
    this.#parts.drifts.untrouble(look.tracked);
    return this.#settle(look, observed, { do: "none", because: { is: "warned" } });
  }

  /** If no watch shows an object, only another look can show that it is gone. */
  #wait(look: Look, { isWatched, isHeld }: Extract<Operation, { do: "wait" }>, observed: Observed): Step {
    const { tracked, attempt } = look;
    const problem: Problem = { is: "held by finalizers" };
    if (!isWatched) {
      if (tracked.observed === observed) doubt(tracked);
      return { problem: isHeld ? problem : undefined };
    }
    if (!isHeld) return "done";
    if (attempt === 1) return { problem: undefined, retryAfter: HELD };
    this.#leave(look, problem);
    return "done";
  }

  #settle(look: Look, observed: Observed, none: None): Step {
    if (look.tracked.lock.policy !== look.policy) return "done";
    if (none.because?.is === "withheld") return this.#parts.salvage.served(look);
    return this.#conclude(look, observed, none);
  }

  #conclude(look: Look, observed: Observed, none: None): Step {
    const { tracked } = look;
    const { because } = none;
    // An object that was looked at before keeps the problem that was found then.
    if (observed.as === "right" && tracked.problem?.is !== "fought over") return "done";
    this.#parts.drifts.settled(look);
    this.#contest(look, because);
    // A fight is told of until nothing has been changed again for a while.
    const isFight = !because && tracked.problem?.is === "fought over";
    const retryAfter = isFight ? this.#parts.fights.toldFor(tracked, performance.now()) : 0;
    this.#found(tracked, retryAfter > 0 ? tracked.problem : problemOf(because));
    if (tracked.observed === observed) this.#settled(look, observed, none);
    return retryAfter > 0 ? { problem: undefined, retryAfter, newsAfter: 0 } : "done";
  }

  #contest({ tracked, held }: Look, because: Reason | undefined): void {
    if (because?.is === "tracked by another") leave(tracked, held.uid);
    this.#parts.store.contest(tracked, rivalIn(because));
  }

  #found(tracked: Tracked, problem: Problem | undefined): void {
    if (isDeepStrictEqual(tracked.problem, problem)) return;
    trouble(tracked, problem);
    this.#parts.reporter.settled(tracked);
  }

  #settled(look: Look, observed: Observed, { because, isAsItWas }: None): void {
    const { tracked } = look;
    if (observed.as === "live" && !because)
      verified(tracked, learnedIn(look, observed.object, isAsItWas === true));
    noteShares(look, { observed, because }, this.#parts.reporter);
    this.#parts.salvage.settled(tracked);
    settle(tracked);
    this.#parts.unlabelled.follow(tracked);
  }

  #leave(look: Look, problem: Problem): void {
    this.#parts.drifts.left(look);
    this.#fail(look.tracked, problem);
  }

  #fail(tracked: Tracked, problem: Problem): void {
    const before = tracked.problem;
    trouble(tracked, problem);
    this.#parts.reporter.failed(tracked, before);
    if (problem.is === "failed") this.#parts.accounts.failed(tracked, problem.error);
  }
}
