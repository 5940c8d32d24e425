import type { Lock, Tracked } from "../state/lock";
import type { StandingDrift } from "../state/problems";
import { modeOf } from "../state/standing";
import { driftedWords } from "./event-words";
import type { EventReason } from "./event-reasons";
import type { Logger } from "./log";
import type { Metrics } from "./metrics";
import { nameOf, whereIs } from "./words";

/** Where it is told. */
interface Parts {
  readonly log: Logger;
  readonly metrics: Pick<Metrics, "drifted">;
  readonly emit: (lock: Lock, reason: EventReason, message: string) => void;
}

/** Tells, in log, Events and metrics, of what differs where nothing is reverted, and when that is gone. */
export class DriftLog {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** What of an object differs is something else than before. What is reverted, or can't be, is told otherwise. */
  differs(tracked: Tracked, before: StandingDrift | undefined): void {
    if (modeOf(tracked.lock) !== "warn") return;
    if (tracked.drift) this.#drifted(tracked, tracked.drift);
    else if (before?.isTold === true) this.#resolved(tracked);
  }

  #drifted(tracked: Tracked, drift: StandingDrift): void {
    const { log, metrics, emit } = this.#parts;
    const { lock, desired } = tracked;
    const { operation, fields, by } = drift;
    log.warn("drifted", { ...whereIs(tracked), operation, fields, by });
    metrics.drifted(lock.release, desired.kind, operation);
    emit(lock, "Drifted", driftedWords(desired, drift));
  }

  #resolved(tracked: Tracked): void {
    const { log, emit } = this.#parts;
    log.info("no longer drifts", whereIs(tracked));
    emit(tracked.lock, "DriftResolved", `${nameOf(tracked.desired)} is as its release has it again`);
  }
}
