import { InvalidError } from "../cluster/errors";
import { ifThere } from "../cluster/replies";
import type { Cluster } from "../cluster/k8s";
import { withoutInvented } from "../drift/allocated";
import { isOwnerless, type Doubt } from "../drift/doubts";
import { learnFromApply, learnFromDoubts } from "../drift/known";
import type { Observed, Operation } from "../drift/operation";
import { mayHaveScaled } from "../drift/scaling";
import { kindOf, refOf } from "../kube/kinds";
import type { KubeObject } from "../kube/object";
import type { Tracked } from "../state/lock";
import { doubt, miss, see, verified } from "../state/tracked";
import type { DryRuns } from "./dry-runs";
import { judgingOf, type Look, type Step } from "./look";
import type { Rivals } from "./rivals";

/** What sets replicas. KEDA's own does so before it has made an autoscaler, and while that is paused. */
const AUTOSCALERS = [
  kindOf({
    apiVersion: "autoscaling/v2",
    kind: "HorizontalPodAutoscaler",
    plural: "horizontalpodautoscalers",
    namespaced: true,
  }),
  kindOf({ apiVersion: "keda.sh/v1alpha1", kind: "ScaledObject", plural: "scaledobjects", namespaced: true }),
];

/** What has to be found out before anything is decided. */
export type Question = Extract<Operation, { do: "observe" | "ask" | "probe" | "compare" }>;

/** What answers come from. */
interface Parts {
  readonly cluster: Cluster;
  readonly rivals: Pick<Rivals, "tracks">;
  readonly dryRuns: DryRuns;
}

/** Finds out what a decision needs to know: by reads, and by dry runs. */
export class Questions {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Answers a question. Answers hold for what was observed. @throws ApiError, NetworkError */
  async answer(look: Look, question: Question, observed: Observed): Promise<Step> {
    if (question.do === "ask") return this.#ask(look, question);
    if (question.do === "observe") await this.#observe(look.tracked, observed);
    else {
      const isAnswered =
        question.do === "probe" ? await this.#probe(look, question) : await this.#compare(look, question);
      if (!isAnswered && look.tracked.observed === observed) doubt(look.tracked);
    }
    return "again";
  }

  /** @returns false if the object has changed meanwhile */
  async #compare(look: Look, question: Extract<Question, { do: "compare" }>): Promise<boolean> {
    const { dryRuns } = this.#parts;
    const anew = await dryRuns.anew(look, question.live, question.payload);
    if (!anew && (await dryRuns.hasChanged(look.tracked, question.live))) return false;
    const { desired } = look.tracked;
    look.anew = anew ? withoutInvented({ desired, live: question.live }, anew) : "refused";
    return true;
  }

  async #observe(tracked: Tracked, before: Observed): Promise<void> {
    const { name, namespace } = refOf(tracked.desired);
    const object = await this.#parts.cluster.K8s(tracked.kind).InNamespace(namespace).Get(name);
    if (tracked.observed !== before) return;
    if (object) see(tracked, object);
    else miss(tracked, "not found");
  }

  /** Nobody waits for the answer about another release: once it is there, the object is looked at again. */
  async #ask(look: Look, question: Extract<Question, { do: "ask" }>): Promise<Step> {
    if (question.about === "autoscalers") {
      look.isAutoscaled = await this.#isAutoscaled(question.live);
      return "again";
    }
    look.rivalTracks = await this.#parts.rivals.tracks(question.owner, look.tracked.desired);
    return look.rivalTracks === undefined ? "done" : "again";
  }

  async #isAutoscaled(live: KubeObject): Promise<boolean> {
    const { namespace } = refOf(live);
    for (const kind of AUTOSCALERS) {
      const autoscalers = this.#parts.cluster.K8s(kind).InNamespace(namespace);
      if (await ifThere(autoscalers.Some(autoscaler => mayHaveScaled(autoscaler, live)))) return true;
    }
    return false;
  }

  /**
   * Asks the server by dry runs: what an apply makes of the object, and what comes back of what managedFields leave open.
   *
   * @returns false if the object has changed meanwhile
   */
  async #probe(look: Look, { live, payload, doubts }: Extract<Question, { do: "probe" }>): Promise<boolean> {
    const { dryRuns } = this.#parts;
    const { tracked } = look;
    const applied = payload && (await this.#applied(look, live, payload));
    if (applied === "changed") return false;
    const open = doubts.filter(({ by }) => by === "removal");
    // What was there when an object without owners was first seen, anybody may have written.
    const isFirst = !tracked.known && isOwnerless(live);
    const removed = open.length === 0 || isFirst ? undefined : await this.#without(look, live, open);
    const isRefused = removed !== undefined && removed.size < open.length;
    if (isRefused && (await dryRuns.hasChanged(tracked, live))) return false;
    const known = applied ? learnFromApply(tracked.known, judgingOf(look, applied)) : tracked.known;
    verified(tracked, learnFromDoubts(known, doubts, { applied, removed }));
    look.isAsked = true;
    return true;
  }

  /** What an apply makes of an object. A patch may be refused only because the object is no longer what it was made for. */
  async #applied(look: Look, live: KubeObject, payload: KubeObject): Promise<KubeObject | "changed"> {
    const { dryRuns } = this.#parts;
    try {
      return await dryRuns.apply(look, live, payload);
    } catch (error) {
      if (error instanceof InvalidError && (await dryRuns.hasChanged(look.tracked, live))) return "changed";
      throw error;
    }
  }

  /** What one removal is refused for must not hide the rest: then each is asked about alone. */
  async #without(
    look: Look,
    live: KubeObject,
    open: readonly Doubt[],
  ): Promise<ReadonlyMap<Doubt, KubeObject>> {
    const { dryRuns } = this.#parts;
    const all = await dryRuns.removal(look, live, open);
    const replies = new Map<Doubt, KubeObject>();
    for (const doubt of open) {
      const reply = all ?? (open.length > 1 ? await dryRuns.removal(look, live, [doubt]) : undefined);
      if (reply) replies.set(doubt, reply);
    }
    return replies;
  }
}
