import { ConflictError, InvalidError, SchemaError } from "../cluster/errors";
import { stateOf, type Objects } from "../cluster/objects";
import { refOf, type Resource } from "../cluster/resources";
import type { KubeObject } from "../release/object";
import type { ReleaseRef } from "../release/release";
import { adopt, mayHaveScaled } from "./adopt";
import { reachesBeyond, uncreatable } from "./creation";
import { sameContent } from "./differences";
import { decide, differencesFor, learn, type Observed, type Operation } from "./drift";
import type { Gate, Pass } from "./gate";
import { managerOf, see, type Lock, type Tracked } from "./store";
import { StillThereError, Writer, type Look, type Reverted, type Write } from "./writer";

const AUTOSCALERS: Resource = {
  apiVersion: "autoscaling/v2",
  kind: "HorizontalPodAutoscaler",
  plural: "horizontalpodautoscalers",
  namespaced: true,
};

/** How often one look at an object may start over because it changed meanwhile; then the queue backs off. */
const MAX_STEPS = 8;

/** What the reconciler asks and tells. */
export interface ReconcilerEvents {
  /** Whether the newest record of another release tracks this object, too. */
  isTrackedBy(rival: ReleaseRef, object: KubeObject): Promise<boolean>;
  reverted(reverted: Reverted): void;
  /** What stands against an object being right has changed. */
  problemChanged(tracked: Tracked): void;
  /** Helm has moved on since the record in hand was read. */
  outdated(lock: Lock): void;
}

/** Brings one tracked object back to what its release tracks: decides, and lets the writer act once Helm is known to be at rest. */
export class Reconciler {
  readonly #objects: Objects;
  readonly #gate: Gate;
  readonly #events: ReconcilerEvents;
  readonly #writer: Writer;

  constructor(objects: Objects, gate: Gate, events: ReconcilerEvents) {
    this.#objects = objects;
    this.#gate = gate;
    this.#events = events;
    this.#writer = new Writer(objects, {
      isCurrent: async look => (await this.#check(look, performance.now())) !== undefined,
      reverted: reverted => {
        events.reverted(reverted);
      },
    });
  }

  /**
   * Looks at a tracked object until there is nothing to do, something to wait for, or Helm has moved on.
   *
   * @throws ApiError, NetworkError: to be tried again
   */
  async reconcile(tracked: Tracked): Promise<void> {
    const held = tracked.lock.record;
    if (!held) return;
    const manager = managerOf(tracked.lock);
    const look: Look = {
      tracked,
      manager,
      held,
      about: tracked.observed,
      rivalTracks: undefined,
      isAutoscaled: undefined,
      takenOver: undefined,
    };
    for (let step = 0; step < MAX_STEPS; step++) if (!(await this.#step(look))) return;
    throw new ConflictError(409, "Conflict", "the object changes faster than it can be looked at");
  }

  /** @returns whether to go on looking */
  async #step(look: Look): Promise<boolean> {
    const { tracked } = look;
    if (look.about !== tracked.observed) forgetAnswers(look);
    try {
      return await this.#act(look, this.#decide(look), tracked.observed);
    } catch (error) {
      if (!(error instanceof SchemaError) || !tracked.isApplicable) throw error;
      // What an apply refuses for good is written the way that Helm did.
      tracked.isApplicable = false;
      return true;
    }
  }

  #decide({ tracked, manager, rivalTracks, isAutoscaled }: Look): Operation {
    const { release, allowsCreate: isAllowed } = tracked.lock;
    return decide({
      ...tracked,
      release,
      manager,
      rivalTracks,
      isAutoscaled,
      isTrusted: isAllowed || !reachesBeyond(tracked.desired, release.namespace),
      uncreatable: uncreatable({ ...tracked, release, isAllowed }),
    });
  }

  async #act(look: Look, operation: Operation, observed: Observed): Promise<boolean> {
    const { tracked } = look;
    switch (operation.do) {
      case "wait":
        return whileDeleted(tracked, operation.isWatched, observed);
      case "none":
        this.#settle(tracked, observed, operation.problem);
        return false;
      case "observe":
        await this.#observe(tracked, observed);
        return true;
      case "ask":
        await this.#ask(look, operation);
        return true;
      case "probe":
        await this.#probe(look, operation);
        return true;
      case "create":
      case "apply":
      case "remove":
      case "take over":
        return this.#write(look, operation, observed);
    }
  }

  async #observe(tracked: Tracked, before: Observed): Promise<void> {
    const object = await this.#objects.get(tracked.resource, refOf(tracked.desired));
    if (tracked.observed !== before) return;
    if (!object) tracked.observed = { as: "absent", at: performance.now(), wasRead: true };
    else see(tracked, object);
  }

  async #ask(look: Look, question: Extract<Operation, { do: "ask" }>): Promise<void> {
    const { tracked } = look;
    if (question.about === "owner") {
      tracked.rival = question.owner;
      look.rivalTracks = await this.#events.isTrackedBy(question.owner, tracked.desired);
      return;
    }
    const autoscalers = await this.#objects.list(AUTOSCALERS, refOf(tracked.desired).namespace);
    look.isAutoscaled = autoscalers.some(autoscaler => mayHaveScaled(autoscaler, question.live));
  }

  async #probe(
    { tracked, manager, isAutoscaled }: Look,
    probe: { live: KubeObject; payload: KubeObject },
  ): Promise<void> {
    const { live, payload } = probe;
    const { resource, desired, isApplicable: isApply } = tracked;
    const reply = await this.#objects.dryRun(resource, payload, { manager, isApply });
    const wanted = adopt(desired, reply, isAutoscaled);
    const known = learn(wanted, reply, manager, tracked.known?.additions ?? new Map());
    tracked.known = sameContent(live, reply)
      ? { ...known, differences: differencesFor(payload, live, manager) }
      : known;
  }

  /** Writes, if Helm has not moved on since the object was observed and nobody has touched the object in between. */
  async #write(look: Look, operation: Write, before: Observed): Promise<boolean> {
    const { tracked, manager } = look;
    this.#writer.holdOff(look, operation);
    // A create says nothing of the object's state, so that it leaves right after its check.
    const isUpdate = operation.do !== "create" && "at" in before;
    const pass = await this.#check(look, isUpdate ? before.at : performance.now());
    if (!pass) return false;
    try {
      await this.#writer.write(look, operation, { manager, isApply: tracked.isApplicable, ...pass });
    } catch (error) {
      if (!(await this.#isRace(tracked, operation, error))) throw error;
      if (tracked.observed === before) tracked.observed = { as: "unknown" };
    }
    return true;
  }

  /** A JSON patch on an object that has changed is refused as invalid; only a look tells that from one that can't be. */
  async #isRace(tracked: Tracked, operation: Write, error: unknown): Promise<boolean> {
    if (error instanceof ConflictError) return true;
    const isPatch = operation.do === "remove" || operation.do === "take over";
    if (!(error instanceof InvalidError) || !isPatch) return false;
    const now = await this.#objects.get(tracked.resource, refOf(tracked.desired));
    return !now || stateOf(now).resourceVersion !== stateOf(operation.live).resourceVersion;
  }

  /** Checks the very record that the desired object comes from: a newer one may have been loaded meanwhile. */
  async #check({ tracked: { lock }, held }: Look, observedAt: number): Promise<Pass | undefined> {
    const { record, phase } = lock;
    const isSame = record?.uid === held.uid && record.resourceVersion === held.resourceVersion;
    if (!isSame || phase?.stance !== "lock") return undefined;
    const pass = await this.#gate.check(lock.release, held, observedAt);
    if (!pass) this.#events.outdated(lock);
    return pass;
  }

  #settle(tracked: Tracked, observed: Observed, problem: string | undefined): void {
    // What was looked at before keeps the problem that was found then.
    if (observed.as === "right") return;
    const words = problem === "" ? undefined : problem;
    if (tracked.problem !== words) {
      tracked.problem = words;
      this.#events.problemChanged(tracked);
    }
    if (tracked.observed !== observed) return;
    if (problem === undefined) tracked.known ??= { differences: new Map(), additions: new Map() };
    tracked.observed = { as: "right" };
  }
}

/** What was found out holds for what was observed then, and not for what may have changed since. */
function forgetAnswers(look: Look): void {
  look.about = look.tracked.observed;
  look.rivalTracks = undefined;
  look.isAutoscaled = undefined;
}

/** Where no watch shows an object, only another look will tell that it is gone. */
function whileDeleted(tracked: Tracked, isWatched: boolean, observed: Observed): false {
  if (isWatched) return false;
  if (tracked.observed === observed) tracked.observed = { as: "unknown" };
  throw new StillThereError("it is being deleted, and finalizers hold it");
}
