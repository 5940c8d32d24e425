import { isDeepStrictEqual } from "node:util";
import type { Drifted } from "../drift/drifted";
import type { Reporter } from "../report/reporter";
import type { Tracked } from "../state/lock";
import type { StandingDrift } from "../state/problems";
import { looksForDrift, modeOf } from "../state/standing";
import { differ, lookedAt, trouble } from "../state/tracked";
import type { Chronicle } from "./chronicle";
import { driftedBy, type Look } from "./look";

/** How many places and writers of one object are kept. */
const MOST = 50;

/** Where it is told. */
interface Parts {
  readonly reporter: Pick<Reporter, "differs" | "statusOf">;
  readonly chronicle: Pick<Chronicle, "warned">;
}

/** Notes what of objects differs and stands, and has each change of that told once. */
export class Drifts {
  readonly #reporter: Pick<Reporter, "differs" | "statusOf">;
  readonly #chronicle: Pick<Chronicle, "warned">;

  constructor({ reporter, chronicle }: Parts) {
    this.#reporter = reporter;
    this.#chronicle = chronicle;
  }

  /** A look has settled its object: it is right, or stays as it is. */
  settled(look: Look): void {
    this.#note(look, bounded(driftedBy(look)));
  }

  /** A look has not put right what it was to put right. */
  left(look: Look): void {
    const drifted = bounded(driftedBy(look));
    if (drifted) this.#note(look, drifted);
  }

  /** A look has ended, whatever came of it. By another policy than its own, nothing is known. */
  ended({ tracked, policy }: Look): void {
    if (tracked.looked === "since" || tracked.lock.policy !== policy) return;
    lookedAt(tracked);
    this.#reporter.statusOf(tracked.lock);
  }

  /** What is only told of has no problem: nothing is tried. */
  untrouble(tracked: Tracked): void {
    if (!tracked.problem) return;
    trouble(tracked, undefined);
    this.#reporter.statusOf(tracked.lock);
  }

  #note(look: Look, drifted: Drifted | undefined): void {
    const { tracked } = look;
    // A look that was under way when the lock came to rest has nothing to tell.
    if (!looksForDrift(modeOf(tracked.lock))) return;
    const before = tracked.drift;
    const isTold = modeOf(tracked.lock) === "warn";
    if (!isNews(drifted, before, isTold)) return;
    differ(tracked, drifted && { ...drifted, since: before?.since ?? Date.now(), isTold });
    if (isTold && drifted) this.#chronicle.warned(look, drifted);
    this.#reporter.differs(tracked, before);
  }
}

function isNews(drifted: Drifted | undefined, before: StandingDrift | undefined, isTold: boolean): boolean {
  if (!drifted) return before !== undefined;
  return !isSame(drifted, before) || (isTold && before?.isTold !== true);
}

function isSame(drifted: Drifted, before: StandingDrift | undefined): boolean {
  return before !== undefined && isDeepStrictEqual({ ...before, ...drifted }, before);
}

function bounded(drifted: Drifted | undefined): Drifted | undefined {
  return drifted && { ...drifted, fields: drifted.fields.slice(0, MOST), by: drifted.by.slice(0, MOST) };
}
