import { driftedIn, type Drifted } from "../drift/drifted";
import type { Reporter } from "../report/reporter";
import type { Tracked } from "../state/lock";
import type { StandingDrift } from "../state/problems";
import { modeOf } from "../state/standing";
import { differ, trouble } from "../state/tracked";
import type { Look } from "./look";

/** Notes what of objects differs and stands, and has each change of that told once. */
export class Drifts {
  readonly #reporter: Pick<Reporter, "differs" | "statusOf">;

  constructor(reporter: Pick<Reporter, "differs" | "statusOf">) {
    this.#reporter = reporter;
  }

  /** A look has settled its object: it is right, or stays as it is. */
  settled(look: Look): void {
    this.#note(look, driftedBy(look));
  }

  /** A look has not put right what it was to put right. */
  left(look: Look): void {
    const drifted = driftedBy(look);
    if (drifted) this.#note(look, drifted);
  }

  /** What is only told of has no problem: nothing is tried. */
  untrouble(tracked: Tracked): void {
    if (!tracked.problem) return;
    trouble(tracked, undefined);
    this.#reporter.statusOf(tracked.lock);
  }

  #note({ tracked }: Look, drifted: Drifted | undefined): void {
    const before = tracked.drift;
    const isTold = modeOf(tracked.lock) === "warn";
    const isNews = drifted ? !isSame(drifted, before) || (isTold && !before?.isTold) : before !== undefined;
    if (!isNews) return;
    differ(tracked, drifted && { ...drifted, since: before?.since ?? Date.now(), isTold });
    this.#reporter.differs(tracked, before);
  }
}

function driftedBy({ tracked, operation, manager, withheld, takenOver }: Look): Drifted | undefined {
  const live = tracked.observed.as === "live" ? tracked.observed.object : undefined;
  const drifted = driftedIn(operation, { live, manager, withheld });
  // Once fields are Helm's, the object no longer tells whose they were.
  return drifted && takenOver ? { ...drifted, by: takenOver.by } : drifted;
}

function isSame(drifted: Drifted, before: StandingDrift | undefined): boolean {
  if (!before) return false;
  const { operation, fields, by, digest } = drifted;
  return (
    operation === before.operation &&
    digest === before.digest &&
    fields.join("\n") === before.fields.join("\n") &&
    by.join("\n") === before.by.join("\n")
  );
}
