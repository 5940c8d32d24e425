import { isRefusal, NotFoundError } from "../cluster/errors";
import type { Kind } from "../kube/kinds";
import { releaseKey } from "../release/release";
import type { Rank } from "../standby/rank";
import type { HelmReleases } from "../state/helm-releases";
import type { Lock, Tracked } from "../state/lock";
import type { Loaded, Reverted } from "../state/news";
import { modeOf, type Mode } from "../state/standing";
import type { Problem } from "../state/problems";
import type { Watched } from "../state/watched";
import { DriftLog } from "./drift-log";
import { modeEvent, revertedWords, stanceEvent } from "./event-words";
import type { Events } from "./events";
import { HelmReleaseEvents } from "./helm-release-events";
import { tell, troubled, type Logger } from "./log";
import type { Line, Names } from "./log-lines";
import type { Metrics } from "./metrics";
import type { ObjectEvents } from "./object-events";
import { problemWords } from "./problem-words";
import { SightLog } from "./sight-log";
import type { StatusWriter } from "./status-writer";
import { errorWords, whereIs } from "./words";

/** Where reports go. */
interface Parts {
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly events: Events;
  readonly objectEvents: ObjectEvents;
  readonly status: StatusWriter;
  readonly helmReleases: Pick<HelmReleases, "get">;
  readonly rank: Pick<Rank, "isFirst">;
}

/** The only place that reports what the locker does: log, Events, metrics and status. Does not change any state. */
export class Reporter {
  readonly #parts: Parts;
  readonly #sight: SightLog;
  readonly #drift: DriftLog;
  readonly #events: HelmReleaseEvents;

  constructor(parts: Parts) {
    this.#parts = parts;
    this.#sight = new SightLog(parts.log);
    this.#events = new HelmReleaseEvents(parts);
    this.#drift = new DriftLog({ ...parts, events: this.#events });
  }

  /** A lock was brought in line with its release. */
  loaded(lock: Lock, { phase, before }: Loaded): void {
    this.statusOf(lock);
    const revision = lock.record?.revision;
    if (before?.state === phase.state && before.stance === phase.stance) return;
    const fields = { release: releaseKey(lock.release), revision, stance: phase.stance };
    tell(this.#parts.log, "release is {state}", { state: phase.state }, { fields });
    const event = stanceEvent(lock, phase.stance, before?.stance);
    if (!event || modeOf(lock) !== "enabled") return;
    this.#events.emitStanding(lock, event, { mode: "enabled", state: phase.state, version: revision ?? 0 });
  }

  /** What a lock does about drift is something else than before. */
  turned(lock: Lock, mode: Mode): void {
    const release = releaseKey(lock.release);
    const words = { mode: mode === "enabled" ? "locked" : mode };
    tell(this.#parts.log, "release is {mode}", words, { fields: { release, mode } });
    const event = modeEvent(lock, mode);
    if (event) this.#events.emitStanding(lock, event, { mode });
  }

  /** The newest record of a lock could not be read; it will be tried again. */
  notLoaded(lock: Lock, error: unknown): void {
    this.troubled("can't read release {release} yet", { release: releaseKey(lock.release) }, error);
    this.statusOf(lock);
  }

  /** A Helm operation does not end. */
  stalled(lock: Lock): void {
    const fields = { release: releaseKey(lock.release) };
    tell(this.#parts.log, "a Helm operation does not end", {}, { fields });
    this.statusOf(lock);
  }

  /** A HelmRelease no longer locks its release; the objects stay as they are. */
  unlocked(name: string, lock: Lock): void {
    const release = releaseKey(lock.release);
    const stillLocked = lock.helmReleases.size > 0;
    tell(
      this.#parts.log,
      "HelmRelease no longer locks",
      {},
      { fields: { helmRelease: name, release, stillLocked } },
    );
    this.#events.emitOn(name, "Untracked", `Objects of release ${release} are not tracked`);
  }

  /** An object was restored. */
  reverted(news: Reverted): void {
    const { tracked, operation, fields, by, tookMs } = news;
    const { lock, desired } = tracked;
    const { log, metrics, objectEvents, status } = this.#parts;
    tell(log, "reverted", {}, { fields: { ...whereIs(tracked), operation, fields, by } });
    metrics.reverted({ release: lock.release, kind: desired.kind, operation, by, tookMs });
    this.#events.emit(lock, "Reverted", revertedWords(news));
    objectEvents.reverted(news);
    for (const name of lock.helmReleases.keys()) status.askLater(name);
  }

  /**
   * An object could not be looked at or restored; it will be tried again.
   *
   * @param before the object's problem until now
   */
  failed(tracked: Tracked, before: Problem | undefined): void {
    const problem = problemWords(tracked.problem, tracked);
    const level = problemWords(before, tracked) === problem ? "debug" : "warn";
    const fields = { ...whereIs(tracked), problem };
    tell(this.#parts.log, "can't put an object right yet", {}, { level, fields });
    this.statusOf(tracked.lock);
  }

  /** An object was looked at: it is right again, or it is left as it is for a new reason. */
  settled(tracked: Tracked): void {
    const problem = problemWords(tracked.problem, tracked);
    const { log } = this.#parts;
    if (problem === undefined) tell(log, "right again", {}, { fields: whereIs(tracked) });
    else tell(log, "left as it is", {}, { fields: { ...whereIs(tracked), problem } });
    this.statusOf(tracked.lock);
  }

  /** What of an object differs, and is only told of, is something else than was told last. */
  differs(tracked: Tracked): void {
    this.#drift.differs(tracked);
  }

  /** A watch has not seen anything for a while, or does not for another reason. */
  blind(watched: Watched, error: unknown): void {
    this.#sight.blind(watched, error);
  }

  /** A watch of which that was told sees again. */
  sees(watched: Watched): void {
    this.#sight.sees(watched);
  }

  /** A watch goes on after it was cut, or has failed. */
  restarted({ kind }: Watched): void {
    this.#parts.metrics.restarted(kind);
  }

  /** Something ("namespace/name") is labelled as a release record, but is not a readable one. */
  oddRecord(record: string): void {
    const line = "labelled owner=helm, but no release record of Helm 3 or 4: ignored";
    tell(this.#parts.log, line, {}, { fields: { record } });
  }

  /** A namespace has many of them. */
  oddRecords(namespace: string): void {
    const line = "more objects labelled owner=helm are no release records: ignored, and not named";
    tell(this.#parts.log, line, {}, { fields: { namespace } });
  }

  /** A namespace has more release records than are remembered of it. */
  manyRecords(namespace: string, most: number): void {
    const line = "more release records than are remembered: what nobody locks is forgotten";
    tell(this.#parts.log, line, {}, { fields: { namespace, most } });
  }

  /**
   * Others have other fields of an object than before: known controllers, or whoever rules of the HelmRelease are for.
   *
   * @param before how many fields they had; undefined before the object was looked at
   */
  ignored(tracked: Tracked, fields: readonly string[], before: number | undefined): void {
    if (fields.length !== (before ?? 0))
      tell(this.#parts.log, "left to others", {}, { fields: { ...whereIs(tracked), fields } });
    this.statusOf(tracked.lock);
  }

  /**
   * Any other failure that will be tried again.
   *
   * @param locked the kind that was to be locked, if any
   */
  troubled<Of extends Line>(line: Of, names: Names<Of>, error: unknown, locked?: Kind): void {
    troubled(this.#parts.log, line, names, { error, ...(locked && { locked }) });
  }

  /** Something is not there yet, as expected. A refusal is not expected. */
  waiting<Of extends Line>(line: Of, names: Names<Of>, error: unknown): void {
    const level = isRefusal(error) && !(error instanceof NotFoundError) ? "warn" : "info";
    tell(this.#parts.log, line, names, { level, fields: { reason: errorWords(error) } });
  }

  /** Plain news of the process. */
  info<Of extends Line>(line: Of, names: Names<Of>): void {
    tell(this.#parts.log, line, names);
  }

  /** The status of every HelmRelease of a lock may have changed. */
  statusOf(lock: Lock): void {
    for (const name of lock.helmReleases.keys()) this.status(name);
  }

  /** The status of a HelmRelease may have changed; if so, it is written, at most once a second. */
  status(name: string): void {
    this.#parts.status.ask(name);
  }
}
