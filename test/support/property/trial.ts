import { helmRelease, register, statusOf, type Status } from "../../../hack/locker/helm-release";
import { PatienceError } from "../../../hack/lib/patience";
import { changeByHand, versionOf, type NoChange } from "./by-hand";
import type { Case, Move, Other } from "./case";
import { driftError, type DriftError } from "./drift-error";
import type { JsonObject } from "./json";
import { isOther, writeAsOther } from "./others";
import { Specimen } from "./specimen";
import type { Stage } from "./stage";
import { untilUndone } from "./undone";
import type { Write } from "./writers";

/** What became of a change. */
export type Outcome = NoChange | "reverted" | "told" | "stays";

/** How many changes are tried until the server takes one. */
const ATTEMPTS = 4;

/** One case on a stage: an object, its lock, and what happens to it. */
export class Trial {
  readonly #specimen: Specimen;
  /** The object before a change, until the server takes one. */
  #live: JsonObject | undefined;
  readonly outcomes: { readonly move: Move; readonly outcome: Outcome }[] = [];

  constructor(
    readonly stage: Stage,
    readonly is: Case,
  ) {
    this.#specimen = new Specimen(stage, is);
  }

  install(): Promise<void> {
    return this.#specimen.install();
  }

  /** Locks it. @throws DriftError where that finds a problem */
  async lock(): Promise<void> {
    await register(this.stage.room, helmRelease(this.#specimen.name));
    await this.#isReady("the lock");
  }

  /** @param written what the locker has written to so far @throws DriftError if the object is among that */
  async isUnwritten(written: ReadonlySet<string>): Promise<void> {
    if (written.has(this.#specimen.path()))
      throw await this.#failed("the lock has written to a right object");
  }

  /** Makes the changes one after the other, each after the last one is undone. @throws DriftError */
  async play(): Promise<void> {
    for (const move of this.is.moves) if (isEnd(await this.#makeOne(move))) return;
    await this.#isReady("all changes");
  }

  /** Checks that the object is still as it was. @throws DriftError */
  async isStillRight(): Promise<void> {
    if (!isEnd(this.outcomes.at(-1)?.outcome)) await this.#readRight();
  }

  /** Makes a change: the first of a few that is one. */
  async #makeOne(move: Move): Promise<Outcome> {
    const { writer } = move;
    this.#live = undefined;
    for (let attempt = 1; ; attempt++) {
      const outcome = await (isOther(writer) ? this.#makeByOther(move, writer) : this.#makeByHand(move));
      this.outcomes.push({ move, outcome });
      const isMade = outcome !== "refused" && outcome !== "no change";
      if (isMade || attempt === ATTEMPTS) return outcome;
      move = { ...move, dice: move.dice + 1 };
    }
  }

  async #makeByHand(move: Move): Promise<Outcome> {
    const live = (this.#live ??= await this.#specimen.read(versionOf(move, this.is)));
    const changed = await changeByHand(this.#specimen, move, live);
    this.#live = changed === "refused" ? live : undefined;
    if (typeof changed === "string") return changed;
    const { reply, write } = changed;
    return this.#untilUndone(reply, { move, write });
  }

  /** What others write stays: from now on, the object is right only with it. */
  async #makeByOther({ dice }: Move, writer: Other): Promise<Outcome> {
    const written = await writeAsOther(this.#specimen, writer, dice, await this.#readRight());
    if (!written) return "no change";
    this.#specimen.keep(written);
    return "stays";
  }

  async #untilUndone(
    reply: JsonObject,
    done: { readonly move: Move; readonly write: Write },
  ): Promise<Outcome> {
    try {
      return await untilUndone(this.#specimen, reply);
    } catch (error) {
      if (!(error instanceof PatienceError)) throw error;
      const late = error.message.replace(/; .*$/s, "");
      throw await this.#failed("the change stands", { late, ...done, "the reply to the write": reply });
    }
  }

  async #readRight(): Promise<JsonObject> {
    const live = await this.#specimen.read();
    if (!this.#specimen.isRight(live)) throw await this.#failed("the object does not stay as it was");
    return live;
  }

  async #isReady(after: string): Promise<void> {
    const helmReleases = await this.stage.helmReleases();
    try {
      await helmReleases.untilObject(this.#specimen.name, now => isFine(statusOf(now)));
    } catch {
      throw await this.#failed(`the HelmRelease is not ready after ${after}`);
    }
  }

  #failed(what: string, more: Readonly<Record<string, unknown>> = {}): Promise<DriftError> {
    return driftError(this.#specimen, what, { done: this.outcomes, ...more });
  }
}

/** Whether nothing more can be said of an object after an outcome. */
function isEnd(outcome: Outcome | undefined): boolean {
  return outcome === "told" || outcome === "unowned";
}

function isFine({ state, conditions }: Status): boolean {
  return state === "Deployed" && conditions.some(({ type, status }) => type === "Ready" && status === "True");
}
