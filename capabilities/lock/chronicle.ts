import { isRefusal } from "../cluster/errors";
import { changedBy } from "../drift/blame";
import { decide } from "../drift/decide";
import { isWrite } from "../drift/operation";
import type { Reporter } from "../report/reporter";
import { changeOf } from "../state/change";
import type { Change } from "../state/history";
import type { Reverted } from "../state/news";
import { situationOf, type Later, type Look } from "./look";

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
    const change = isRefusal(error) ? blockedIn(look) : undefined;
    if (!change || (tracked.problem?.is === "failed" && tracked.lock.history.has(change))) return;
    tracked.lock.history.note(change, Date.now());
  }
}

/** What the API server does not let put right; undefined if that is not known. */
function blockedIn(look: Look): Change | undefined {
  const { tracked, manager } = look;
  const situation = situationOf(look);
  const operation = decide({ ...situation, withheld: [], isRefused: false, isRemovalRefused: false });
  if (!isWrite(operation)) return undefined;
  const found = { action: "Blocked", tookMs: undefined } as const;
  if (operation.do === "create")
    return changeOf(tracked, { ...found, operation: "Deleted", fields: [], by: [], live: undefined });
  const { live, fields } = operation;
  const happened = operation.do === "remove" ? "Added" : "Edited";
  return changeOf(tracked, {
    ...found,
    operation: happened,
    fields,
    by: changedBy(live, fields, manager),
    live,
  });
}
