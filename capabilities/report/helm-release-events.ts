import type { HelmReleaseStatus } from "../../crds/helm-release";
import type { Rank } from "../standby/rank";
import type { HelmReleases } from "../state/helm-releases";
import type { Lock } from "../state/lock";
import type { EventReason } from "./event-reasons";
import type { Events } from "./events";

/** Whose HelmReleases they are, and where the Events go. */
interface Parts {
  readonly events: Pick<Events, "emit">;
  readonly helmReleases: Pick<HelmReleases, "get">;
  readonly rank: Pick<Rank, "isFirst">;
}

/** What an Event tells, as a status would. */
type Told = Pick<HelmReleaseStatus, (typeof TOLD)[number]>;
const TOLD = ["mode", "state", "version"] as const;

/** Chooses the HelmReleases that an Event is about. */
export class HelmReleaseEvents {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /**
   * An Event on every HelmRelease of a lock.
   *
   * @param told what the Event tells, if that may have been told by a locker before this one: it is no news where the status has it
   */
  emit(lock: Lock, reason: EventReason, message: string, told?: Told): void {
    for (const name of lock.helmReleases.keys())
      if (!told || !this.#says(name, told)) this.emitOn(name, reason, message);
  }

  /** An Event on one HelmRelease. What this locker has done itself nobody else tells. */
  emitOn(name: string, reason: EventReason, message: string): void {
    const { events, helmReleases, rank } = this.#parts;
    const helmRelease = helmReleases.get(name);
    if (helmRelease && (rank.isFirst || reason === "Reverted")) events.emit(helmRelease, reason, message);
  }

  #says(name: string, told: Told): boolean {
    const said: Told = this.#parts.helmReleases.get(name)?.status ?? {};
    return TOLD.every(field => told[field] === undefined || told[field] === said[field]);
  }
}
