import { isDeepStrictEqual } from "node:util";
import { ConflictError, SchemaError } from "../cluster/errors";
import type { Cluster } from "../cluster/k8s";
import { ifThere } from "../cluster/replies";
import { adopt, mayHaveScaled } from "../drift/adopt";
import { decide, differencesFor, learn, type Observed, type Operation } from "../drift/decide";
import { sameContent } from "../drift/differences";
import type { Reason } from "../drift/reasons";
import { kindOf, refOf } from "../kube/kinds";
import type { Reporter } from "../report/reporter";
import type { Tracked } from "../state/lock";
import type { Problem } from "../state/problems";
import type { Store } from "../state/store";
import { contest, doubt, miss, refuseApply, see, settle, trouble, verified } from "../state/tracked";
import type { Controller, Request, Result } from "../work/controller";
import { untilItPasses } from "../work/retry";
import { beginLook, situationOf, type Later, type Look, type Step } from "./look";
import type { Rivals } from "./rivals";
import type { Writer } from "./writer";

const AUTOSCALERS = kindOf({
  apiVersion: "autoscaling/v2",
  kind: "HorizontalPodAutoscaler",
  plural: "horizontalpodautoscalers",
  namespaced: true,
});

/** How often a look may start over because its object changed meanwhile; after that, the queue backs off. */
const MAX_STEPS = 8;

/** What a look needs, and where its findings go. */
interface Parts {
  readonly cluster: Cluster;
  readonly store: Store;
  readonly rivals: Rivals;
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
    const later = await this.#look(beginLook(tracked, lock.record, store.managerOf(lock)));
    if (!later) return undefined;
    this.#fail(tracked, later.problem);
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
    const { tracked } = look;
    try {
      return await this.#act(look, decide(situationOf(look)), tracked.observed);
    } catch (error) {
      if (!(error instanceof SchemaError) || !tracked.isApplicable) throw error;
      // The writer writes what an apply refuses for good in the way that Helm did.
      refuseApply(tracked);
      return "again";
    }
  }

  async #act(look: Look, operation: Operation, observed: Observed): Promise<Step> {
    switch (operation.do) {
      case "wait":
        return whileDeleted(look.tracked, operation.isWatched, observed);
      case "none":
        this.#settle(look.tracked, observed, operation.because);
        return "done";
      case "observe":
        await this.#observe(look.tracked, observed);
        return "again";
      case "ask":
        await this.#ask(look, operation);
        return "again";
      case "probe":
        await this.#probe(look, operation);
        return "again";
      case "create":
      case "apply":
      case "remove":
      case "take over":
        return this.#parts.writer.write(look, operation);
    }
  }

  async #observe(tracked: Tracked, before: Observed): Promise<void> {
    const { name, namespace } = refOf(tracked.desired);
    const object = await ifThere(this.#parts.cluster.K8s(tracked.kind).InNamespace(namespace).Get(name));
    if (tracked.observed !== before) return;
    if (object) see(tracked, object);
    else miss(tracked, true);
  }

  async #ask(look: Look, question: Extract<Operation, { do: "ask" }>): Promise<void> {
    const { cluster, rivals } = this.#parts;
    const { tracked } = look;
    if (question.about === "owner") {
      contest(tracked, question.owner);
      look.rivalTracks = await rivals.tracks(question.owner, tracked.desired);
      return;
    }
    const { namespace } = refOf(tracked.desired);
    const autoscalers = await cluster.K8s(AUTOSCALERS).InNamespace(namespace).Get();
    look.isAutoscaled = autoscalers.some(autoscaler => mayHaveScaled(autoscaler, question.live));
  }

  async #probe(look: Look, { live, payload }: Extract<Operation, { do: "probe" }>): Promise<void> {
    const { tracked, manager } = look;
    const reply = await this.#parts.writer.dryRun(look, payload);
    const wanted = adopt(tracked.desired, reply, look.isAutoscaled);
    const known = learn(wanted, reply, manager, tracked.known?.additions ?? new Map());
    const isRight = sameContent(live, reply);
    verified(tracked, isRight ? { ...known, differences: differencesFor(payload, live, manager) } : known);
  }

  #settle(tracked: Tracked, observed: Observed, because: Reason | undefined): void {
    // An object that was looked at before keeps the problem that was found then.
    if (observed.as === "right") return;
    const problem: Problem | undefined =
      because && because.is !== "finished" ? { is: "left", because } : undefined;
    if (!isDeepStrictEqual(tracked.problem, problem)) {
      trouble(tracked, problem);
      this.#parts.reporter.settled(tracked);
    }
    if (tracked.observed !== observed) return;
    if (!because && !tracked.known) verified(tracked, { differences: new Map(), additions: new Map() });
    settle(tracked);
  }

  #fail(tracked: Tracked, problem: Problem): void {
    const before = tracked.problem;
    trouble(tracked, problem);
    this.#parts.reporter.failed(tracked, before);
  }
}

/** If no watch shows an object, only another look can show that it is gone. */
function whileDeleted(tracked: Tracked, isWatched: boolean, observed: Observed): Step {
  if (isWatched) return "done";
  if (tracked.observed === observed) doubt(tracked);
  return { problem: { is: "held by finalizers" } };
}
