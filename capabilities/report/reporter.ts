import { isDeepStrictEqual } from "node:util";
import { helmReleaseSchema, type HelmRelease } from "../../crds/helm-release";
import { isRefusal, NotFoundError } from "../cluster/errors";
import { HELM_RELEASES } from "../cluster/helm-releases";
import type { Objects } from "../cluster/objects";
import type { Resource } from "../cluster/resources";
import type { Loaded } from "../lock/loader";
import type { Queue, Task } from "../lock/queue";
import type { Reverted } from "../lock/writer";
import type { Lock, Tracked } from "../lock/store";
import { releaseKey } from "../release/release";
import { Events, type EventReason } from "./events";
import type { Logger } from "./log";
import type { Metrics } from "./metrics";
import { statusOf, type View } from "./status";
import { errorWords, few, nameOf } from "./words";

/** Least time between two writes of one HelmRelease's status, in milliseconds. */
const STATUS_INTERVAL = 1_000;

/** What the reporter needs to know of HelmReleases. */
export interface HelmReleases {
  /** As last seen; undefined where it is gone. */
  get(name: string): HelmRelease | undefined;
  /** Takes note of one as the API server has just returned it. */
  note(helmRelease: HelmRelease): void;
  /** What its status should say; undefined where nothing is known yet, or it is not ours to say. */
  viewOf(name: string): View | undefined;
}

/** The one place that tells what the locker does: log, Events, metrics and status. */
export class Reporter {
  readonly #objects: Objects;
  readonly #queue: Queue;
  readonly #log: Logger;
  readonly #metrics: Metrics;
  readonly #helmReleases: HelmReleases;
  readonly #events: Events;
  readonly #written = new Map<string, number>();

  constructor(parts: {
    objects: Objects;
    queue: Queue;
    log: Logger;
    metrics: Metrics;
    helmReleases: HelmReleases;
  }) {
    this.#metrics = parts.metrics;
    this.#objects = parts.objects;
    this.#queue = parts.queue;
    this.#log = parts.log;
    this.#helmReleases = parts.helmReleases;
    this.#events = new Events(parts.objects, parts.queue, error => {
      this.troubled("report", "can't write an Event", error);
    });
  }

  /** A lock was brought in line with its release. */
  loaded(lock: Lock, { phase, before }: Loaded): void {
    this.statusOf(lock);
    const revision = lock.record?.revision;
    if (before?.state === phase.state && before.stance === phase.stance) return;
    this.#log.info(`release is ${phase.state}`, {
      component: "lock",
      release: releaseKey(lock.release),
      revision,
      stance: phase.stance,
    });
    const event = eventOf(lock, phase.stance, before?.stance);
    if (event) this.#emit(lock, ...event);
  }

  /** The newest record of a lock could not be read; it will be tried again. */
  notLoaded(lock: Lock, error: unknown): void {
    this.troubled("loader", `can't read release ${releaseKey(lock.release)} yet`, error);
    if (!isRefusal(error)) return;
    lock.failure = `its newest record can't be read: ${errorWords(error)}`;
    this.statusOf(lock);
  }

  /** A Helm operation does not end. */
  stalled(lock: Lock): void {
    this.#log.warn("a Helm operation does not end", { component: "lock", release: releaseKey(lock.release) });
    this.statusOf(lock);
  }

  /** A HelmRelease no longer locks its release; the objects stay as they are. */
  unlocked(name: string, lock: Lock): void {
    const release = releaseKey(lock.release);
    const stillLocked = lock.helmReleases.size > 0;
    this.#log.info("HelmRelease no longer locks", {
      component: "lock",
      helmRelease: name,
      release,
      stillLocked,
    });
    const helmRelease = this.#helmReleases.get(name);
    if (helmRelease)
      this.#events.emit(helmRelease, "Untracked", `Objects of release ${release} are not tracked`);
  }

  /** An object was put right. */
  reverted({ tracked, operation, fields, by }: Reverted): void {
    const { lock, desired } = tracked;
    const object = nameOf(desired);
    this.#log.info("reverted", {
      component: "reconciler",
      release: releaseKey(lock.release),
      object,
      operation,
      fields,
      by,
    });
    const where = fields.length > 0 ? `: ${few(fields)}` : "";
    this.#metrics.reverted(lock.release, desired.kind, operation);
    this.#emit(lock, "Reverted", `${object} ${OUTCOMES[operation]}${byWords(by)}${where}`);
  }

  /** An object could not be looked at or put right; it will be tried again. */
  failed(tracked: Tracked, error: unknown): void {
    const { lock, desired, resource } = tracked;
    const problem = errorWords(error, desired, resource);
    const level = tracked.problem === problem ? "debug" : "warn";
    tracked.problem = problem;
    const where = { component: "reconciler", release: releaseKey(lock.release), object: nameOf(desired) };
    this.#log.log(level, "can't put an object right yet", { ...where, problem });
    this.statusOf(lock);
  }

  /** What stands against an object being right has changed, or is gone. */
  problemChanged({ lock, desired, problem }: Tracked): void {
    const where = { component: "reconciler", release: releaseKey(lock.release), object: nameOf(desired) };
    if (problem === undefined) this.#log.info("right again", where);
    else this.#log.warn("left as it is", { ...where, problem });
    this.statusOf(lock);
  }

  /** Something, "namespace/name", is labelled as a release record and is none that can be read. */
  unreadableRecord(record: string): void {
    this.#log.warn("labelled owner=helm, but no release record of Helm 3 or 4: ignored", {
      component: "records",
      record,
    });
  }

  /**
   * Anything else that went wrong and will be tried again.
   *
   * @param locked the kind that was to be locked, where it was one
   */
  troubled(component: string, what: string, error: unknown, locked?: Resource): void {
    this.#log.warn(what, { component, problem: errorWords(error, undefined, locked) });
  }

  /** Something is not there yet, as is to be expected; a refusal is not. */
  waiting(component: string, what: string, error: unknown): void {
    const level = isRefusal(error) && !(error instanceof NotFoundError) ? "warn" : "info";
    this.#log.log(level, what, { component, reason: errorWords(error) });
  }

  /** Plain news of the process. */
  info(component: string, message: string): void {
    this.#log.info(message, { component });
  }

  /** The status of every HelmRelease of a lock may have changed. */
  statusOf(lock: Lock): void {
    for (const name of lock.helmReleases) this.status(name);
  }

  /** The status of a HelmRelease may have changed; it is written if so, at most once a second. */
  status(name: string): void {
    const task: Task = {
      key: `status ${name}`,
      group: `status ${name}`,
      run: () => this.#writeStatus(name),
      failed: error => {
        this.troubled("report", `can't write the status of HelmRelease ${name}`, error);
      },
    };
    const last = this.#written.get(name) ?? -Infinity;
    this.#queue.addAfter(task, Math.max(0, last + STATUS_INTERVAL - performance.now()));
  }

  async #writeStatus(name: string): Promise<void> {
    const helmRelease = this.#helmReleases.get(name);
    const view = this.#helmReleases.viewOf(name);
    if (!helmRelease || !view) return;
    const status = statusOf(helmRelease, view, `${new Date().toISOString().slice(0, 19)}Z`);
    if (isDeepStrictEqual({ ...helmRelease.status }, status)) return;
    const now = performance.now();
    for (const [other, at] of this.#written) if (now - at >= STATUS_INTERVAL) this.#written.delete(other);
    this.#written.set(name, now);
    const { namespace } = helmRelease.metadata;
    const reply = await this.#objects.merge(HELM_RELEASES, { name, namespace }, { status }, { status: true });
    // The watch may tell of it late: a status that changes back meanwhile would look as if it were written already.
    this.#helmReleases.note(helmReleaseSchema.parse(reply));
  }

  #emit(lock: Lock, reason: EventReason, message: string): void {
    for (const name of lock.helmReleases) {
      const helmRelease = this.#helmReleases.get(name);
      if (helmRelease) this.#events.emit(helmRelease, reason, message);
    }
  }
}

/** What happened to an object, by what was done about it. */
const OUTCOMES: Record<Reverted["operation"], string> = {
  create: "was deleted and is back",
  apply: "was changed and is restored",
  remove: "was added to and is restored",
};

function byWords(by: readonly string[]): string {
  return by.length > 0 ? ` (changed by ${by.join(", ")})` : "";
}

/** Events at changes of stance, with the reasons that the original gives. */
function eventOf(lock: Lock, stance: string, before: string | undefined): [EventReason, string] | undefined {
  const release = releaseKey(lock.release);
  if (stance === "lock")
    return [
      "Locked",
      `Locked ${lock.objects.size} objects of release ${release} at revision ${lock.record?.revision ?? 0}`,
    ];
  if (stance === "stand down")
    return [
      "Transitioning",
      `Unlocked release ${release} to allow changes while Helm operation is being executed`,
    ];
  return before === undefined ? undefined : ["Untracked", `Objects of release ${release} are not tracked`];
}
