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

/** What a status says of what an Event is about, field by field. */
type Said = Pick<HelmReleaseStatus, "mode" | "state" | "version">;

/** Chooses the HelmReleases that an Event is about. */
export class HelmReleaseEvents {
  readonly #parts: Parts;
  /** By name, the uid of each HelmRelease of which this process knows that people were told how its lock stands. */
  readonly #told = new Map<string, string | undefined>();

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** An Event on every HelmRelease of a lock. */
  emit(lock: Lock, reason: EventReason, message: string): void {
    for (const name of lock.helmReleases.keys()) this.emitOn(name, reason, message);
  }

  /**
   * An Event on how a lock stands now. A process before this one may have told of it: the first of this process is no news where the
   * status has it already.
   *
   * @param said what a status says then
   */
  emitStanding(lock: Lock, [reason, message]: [EventReason, string], said: Said): void {
    for (const name of lock.helmReleases.keys())
      if (!this.#wasTold(name, said)) this.emitOn(name, reason, message);
  }

  /** An Event on one HelmRelease. What this locker has done itself nobody else tells. */
  emitOn(name: string, reason: EventReason, message: string): void {
    const { events, helmReleases, rank } = this.#parts;
    const helmRelease = helmReleases.get(name);
    if (helmRelease) this.#told.set(name, helmRelease.metadata.uid);
    else this.#told.delete(name);
    if (helmRelease && (rank.isFirst || reason === "Reverted")) events.emit(helmRelease, reason, message);
  }

  #wasTold(name: string, said: Said): boolean {
    const { metadata, status } = this.#parts.helmReleases.get(name) ?? {};
    if (!metadata || (this.#told.has(name) && this.#told.get(name) === metadata.uid)) return false;
    this.#told.set(name, metadata.uid);
    return status?.observedGeneration === metadata.generation && isSaid(said, status ?? {});
  }
}

function isSaid(said: Said, by: Said): boolean {
  const fields = ["mode", "state", "version"] as const;
  return fields.every(field => said[field] === undefined || said[field] === by[field]);
}
