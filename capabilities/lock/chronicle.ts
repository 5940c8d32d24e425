import { isRefusal } from "../cluster/errors";
import type { Drifted } from "../drift/drifted";
import type { Reporter } from "../report/reporter";
import { changeOf } from "../state/change";
import type { Change } from "../state/history";
import type { Reverted } from "../state/news";
import { driftedBy, type Later, type Look } from "./look";

/** What a write shows to have happened. */
const HAPPENED: Readonly<Record<Reverted["operation"], Change["operation"]>> = {
  create: "Deleted",
  apply: "Edited",
  remove: "Added",
};

/** Keeps the history of each lock, and has told what is new in it. */
export class Chronicle {
  readonly #reporter: Reporter;

  constructor(reporter: Reporter) {
    this.#reporter = reporter;
  }

  /** An object was restored. */
  reverted(news: Reverted): void {
    const { tracked, operation, fields, by, before: live, tookMs } = news;
    const change = { operation: HAPPENED[operation], action: "Reverted", fields, by, live, tookMs } as const;
    tracked.lock.history.note(changeOf(tracked, change), Date.now());
    this.#reporter.reverted(news);
  }

  /** What differs is only told of. */
  warned(look: Look, drifted: Drifted): void {
    look.tracked.lock.history.note(this.#changeIn(look, drifted, "Warned"), Date.now());
  }

  /** Notes what the API server does not let a look put right. */
  async follow(look: Look, looking: Promise<Later | undefined>): Promise<Later | undefined> {
    try {
      const later = await looking;
      if (later?.problem?.is === "failed") this.#blocked(look, later.problem.error);
      return later;
    } catch (error) {
      this.#blocked(look, error);
      throw error;
    }
  }

  /** What is tried again and again is noted once. */
  #blocked(look: Look, error: unknown): void {
    const { tracked } = look;
    const drifted = isRefusal(error) ? driftedBy(look) : undefined;
    const change = drifted && this.#changeIn(look, drifted, "Blocked");
    if (!change || (tracked.problem?.is === "failed" && tracked.lock.history.has(change))) return;
    tracked.lock.history.note(change, Date.now());
  }

  #changeIn({ tracked }: Look, { operation, fields, by }: Drifted, action: Change["action"]): Change {
    const live = tracked.observed.as === "live" ? tracked.observed.object : undefined;
    return changeOf(tracked, { operation: HAPPENED[operation], action, fields, by, live, tookMs: undefined });
  }
}
