import { ApiError, ForbiddenError, InvalidError, SchemaError } from "../../capabilities/cluster/errors";
import type { Cluster } from "../../capabilities/cluster/k8s";
import { decide } from "../../capabilities/drift/decide";
import { isWrite, type Operation, type Write } from "../../capabilities/drift/operation";
import { withOthers } from "../../capabilities/drift/right";
import { removal } from "../../capabilities/drift/takeover";
import { placesOf } from "../../capabilities/drift/withheld";
import { collectionPath, refOf } from "../../capabilities/kube/kinds";
import type { KubeObject } from "../../capabilities/kube/object";
import { DryRuns } from "../../capabilities/lock/dry-runs";
import { judgingOf, situationOf, writingOf, type Look } from "../../capabilities/lock/look";
import { Questions, type Question } from "../../capabilities/lock/questions";
import { isOfContent, isOvercome, Refusals } from "../../capabilities/lock/refusals";
import { Salvage } from "../../capabilities/lock/salvage";
import { doubt } from "../../capabilities/state/tracked";
import type { Rivals } from "./rivals";

/** After how many steps a look gives up: its object changes faster than it can be looked at. */
const MAX_STEPS = 48;

/** What the server is asked beside reads. */
export interface Asking {
  /** Whether it may be asked by dry runs. */
  readonly byDryRuns: boolean;
  /** Whether it is also asked to take what a lock would write. */
  readonly ofWrites: boolean;
}

/** Goes through what a lock would do about an object, step by step, and writes nothing: what a lock would write is tried by dry runs. */
export class Rehearsal {
  readonly #cluster: Cluster;
  readonly #asking: Asking;
  readonly #dryRuns: DryRuns;
  readonly #questions: Questions;
  readonly #salvage = new Salvage(new Refusals());
  /** Where dry runs were refused for want of a right: by collection. */
  readonly #denied = new Set<string>();

  constructor(cluster: Cluster, rivals: Rivals, asking: Asking) {
    this.#cluster = cluster;
    this.#asking = asking;
    this.#dryRuns = new DryRuns(cluster);
    this.#questions = new Questions({ cluster, dryRuns: this.#dryRuns, rivals });
  }

  /** Whether the server has refused a question for want of a right. */
  get isDenied(): boolean {
    return this.#denied.size > 0;
  }

  /**
   * What a lock would do about an object; a question, if that may not be asked. What the server refuses to put right is then withheld.
   *
   * @throws ApiError, NetworkError
   */
  async operationFor(look: Look): Promise<Operation> {
    for (let step = 0; step < MAX_STEPS; step++) {
      look.operation = decide(situationOf(look));
      if (!(await this.#goesOn(look, look.operation))) break;
    }
    return look.operation;
  }

  /** What the server would make of an object anew, where something was added to it: somebody may have come to own what it makes by itself. */
  async anew(look: Look, operation: Operation): Promise<KubeObject | undefined> {
    if (!("removed" in operation) || operation.removed.length === 0 || !this.#mayAsk(look)) return undefined;
    const payload = withOthers(judgingOf(look, operation.live));
    return this.#dryRuns.anew(look, operation.live, payload).catch((error: unknown) => {
      if (isOfAsking(error)) this.#denied.add(collectionOf(look));
      return undefined;
    });
  }

  /** @returns whether there is more to be decided */
  async #goesOn(look: Look, operation: Operation): Promise<boolean> {
    if (isQuestion(operation)) return this.#ask(look, operation);
    const { trial } = look;
    if (isWrite(operation) && (await this.#isAgain(look, operation))) return true;
    return trial !== undefined && this.#salvage.served(look) === "again";
  }

  async #ask(look: Look, question: Question): Promise<boolean> {
    if (isByDryRun(question) && !this.#mayAsk(look)) return false;
    try {
      await this.#questions.answer(look, question, look.tracked.observed);
    } catch (error) {
      if (isOvercome(look, error)) return true;
      if (isOfContent(error)) {
        if (this.#salvage.unanswered(look, question, error) === "again") return true;
        if (question.do === "probe") return this.#withhold(look, question, error);
      }
      if (!isByDryRun(question) || !isOfAsking(error)) throw error;
      this.#denied.add(collectionOf(look));
    }
    return true;
  }

  /** What the server may not even be asked about is not put right. */
  #withhold(look: Look, { live, doubts }: Extract<Question, { do: "probe" }>, error: unknown): false {
    const places = placesOf(
      doubts.map(({ pointer }) => pointer),
      look.tracked.desired,
      live,
    );
    look.withheld = [...new Set([...look.withheld, ...places])];
    look.refusal = error;
    look.operation = { do: "none", because: { is: "withheld" } };
    return false;
  }

  /** As a lock's writer does: what an apply is refused for is written field by field, and then what can be. */
  #refused(look: Look, write: Write, error: unknown): boolean {
    if (!(error instanceof InvalidError && this.#salvage.isWorthAnotherWay(look, write)))
      return this.#salvage.refused(look, write, error) === "again";
    look.isRemovalRefused = look.isRefused;
    look.isRefused = true;
    return true;
  }

  /** Tries a write. @returns whether it has to be decided again: it was refused, or the object has changed */
  async #isAgain(look: Look, write: Write): Promise<boolean> {
    if (write.do === "create" || !this.#asking.ofWrites || !this.#mayAsk(look)) return false;
    try {
      await this.#try(look, write);
      return false;
    } catch (error) {
      if (isOfAsking(error)) return false;
      if (error instanceof SchemaError && isOvercome(look, error)) return true;
      if (!(error instanceof ApiError)) throw error;
      return this.#failed(look, write, error);
    }
  }

  /** @returns whether it has to be decided again @throws the error where it says nothing of the write */
  async #failed(look: Look, write: Exclude<Write, { do: "create" }>, error: ApiError): Promise<boolean> {
    if (await this.#dryRuns.hasChanged(look.tracked, write.live)) {
      doubt(look.tracked);
      return true;
    }
    if (!isOfContent(error)) throw error;
    return this.#refused(look, write, error);
  }

  async #try(look: Look, write: Exclude<Write, { do: "create" }>): Promise<void> {
    const { kind, desired } = look.tracked;
    const api = this.#cluster.K8s(kind, refOf(desired));
    const config = { ...writingOf(look), dryRun: true };
    const { live } = write;
    if (write.do === "apply") await api.Apply(write.payload, { ...config, force: true });
    else if (write.do === "patch") await api.Patch([...write.patch], config);
    else {
      // What is taken away, or over, goes before the rest is applied.
      if (write.removed.length > 0) await api.Patch(removal(live, write.removed), config);
      await this.#dryRuns.apply(look, live, withOthers(judgingOf(look, live)));
    }
  }

  #mayAsk(look: Look): boolean {
    return this.#asking.byDryRuns && !this.#denied.has(collectionOf(look));
  }
}

function collectionOf({ tracked: { kind, desired } }: Look): string {
  return collectionPath(kind, refOf(desired).namespace);
}

function isQuestion(operation: Operation): operation is Question {
  return ["observe", "ask", "probe", "compare"].includes(operation.do);
}

function isByDryRun({ do: what }: Question): boolean {
  return what === "probe" || what === "compare";
}

/** Whether the API server refuses the asking, and not what was asked about. */
function isOfAsking(error: unknown): boolean {
  return error instanceof ForbiddenError && !isOfContent(error);
}
