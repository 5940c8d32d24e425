import { isDeepStrictEqual } from "node:util";
import type { Drifted } from "../drift/drifted";
import { valueDigestOf } from "../kube/digest";
import { stateOf } from "../kube/version";
import type { Reporter } from "../report/reporter";
import type { Lock, Tracked } from "../state/lock";
import type { StandingDrift } from "../state/problems";
import { looksForDrift, modeOf } from "../state/standing";
import { differ, lookedAt, tell, trouble } from "../state/tracked";
import type { Chronicle } from "./chronicle";
import { driftedBy, type Look } from "./look";

/** How many places and writers of one object are kept. */
const MOST = 50;

/** Where it is told. */
interface Parts {
  readonly reporter: Pick<Reporter, "differs" | "statusOf">;
  readonly chronicle: Pick<Chronicle, "warned">;
  /** Whether this locker tells of drift, and knows what was told. */
  readonly mayTell: (lock: Lock) => boolean;
}

/** Notes what of objects differs and stands, and has each change of that told once. */
export class Drifts {
  readonly #reporter: Pick<Reporter, "differs" | "statusOf">;
  readonly #chronicle: Pick<Chronicle, "warned">;
  readonly #mayTell: Parts["mayTell"];

  constructor({ reporter, chronicle, mayTell }: Parts) {
    this.#reporter = reporter;
    this.#chronicle = chronicle;
    this.#mayTell = mayTell;
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
    // A look that was under way when the lock came to rest, or got another policy, has nothing to tell.
    if (!looksForDrift(modeOf(tracked.lock)) || tracked.lock.policy !== look.policy) return;
    const isOther = !isSame(drifted, tracked.drift);
    if (isOther) {
      differ(tracked, drifted && { ...drifted, since: tracked.drift?.since ?? Date.now() });
      this.#reporter.statusOf(tracked.lock);
    }
    this.#tell(look, drifted, isOther);
  }

  /** What is reverted, or can't be, is told otherwise. @param isOther whether it is not what this process knew already */
  #tell(look: Look, drifted: Drifted | undefined, isOther: boolean): void {
    const { tracked } = look;
    if (!this.#mayTell(tracked.lock)) return;
    const before = tracked.told;
    const told = drifted && modeOf(tracked.lock) === "warn" ? markOf(look, drifted) : undefined;
    tell(tracked, told);
    if (told === before || modeOf(tracked.lock) !== "warn") return;
    if (drifted && before !== undefined && !isOther) return;
    if (drifted) this.#chronicle.warned(look, drifted);
    this.#reporter.differs(tracked);
  }
}

/**
 * Stands for a change that users were told of. By a digest of values, somebody could check a guess at them: of a Secret that is there, it is
 * that of the state in which it was found.
 */
function markOf(look: Look, { operation, fields, by, digest }: Drifted): string {
  const isOfState = operation !== "create" && look.tracked.desired.kind === "Secret";
  return valueDigestOf([operation, [...fields], [...by], isOfState ? stateIn(look) : digest]);
}

/** The state of the object that a look was about, or else the newest known one. */
function stateIn({ tracked: { observed, resourceVersion }, operation }: Look): string {
  const seen = observed.as === "live" ? observed.object : undefined;
  const live = "live" in operation ? operation.live : seen;
  return live ? Object.values(stateOf(live)).join(" ") : (resourceVersion ?? "");
}

function isSame(drifted: Drifted | undefined, before: StandingDrift | undefined): boolean {
  if (!drifted || !before) return drifted === before;
  return isDeepStrictEqual({ ...before, ...drifted }, before);
}

function bounded(drifted: Drifted | undefined): Drifted | undefined {
  return drifted && { ...drifted, fields: drifted.fields.slice(0, MOST), by: drifted.by.slice(0, MOST) };
}
