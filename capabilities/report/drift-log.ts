import type { Tracked } from "../state/lock";
import type { StandingDrift } from "../state/problems";
import { driftedWords } from "./event-words";
import type { HelmReleaseEvents } from "./helm-release-events";
import { tell, type Logger } from "./log";
import type { Metrics } from "./metrics";
import { nameOf, whereIs } from "./words";

/** Where it is told. */
interface Parts {
  readonly log: Logger;
  readonly metrics: Pick<Metrics, "drifted">;
  readonly events: Pick<HelmReleaseEvents, "emit">;
}

/** Tells, in log, Events and metrics, of what differs where nothing is reverted, and when that is gone. */
export class DriftLog {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** What of an object differs, and is only told of, is something else than was told last. */
  differs(tracked: Tracked): void {
    if (tracked.drift) this.#drifted(tracked, tracked.drift);
    else this.#resolved(tracked);
  }

  #drifted(tracked: Tracked, drift: StandingDrift): void {
    const { log, metrics, events } = this.#parts;
    const { lock, desired } = tracked;
    const { operation, fields, by } = drift;
    tell(log, "drifted", {}, { fields: { ...whereIs(tracked), operation, fields, by } });
    metrics.drifted({ release: lock.release, kind: desired.kind, operation, by });
    events.emit(lock, "Drifted", driftedWords(desired, drift));
  }

  #resolved(tracked: Tracked): void {
    const { log, events } = this.#parts;
    tell(log, "no longer drifts", {}, { fields: whereIs(tracked) });
    events.emit(tracked.lock, "DriftResolved", `${nameOf(tracked.desired)} is as its release has it again`);
  }
}
