import { isRefusal } from "../cluster/errors";
import { newestRecord, type RecordSearch } from "../release/newest";
import type { Newest } from "../release/storage";
import type { Reporter } from "../report/reporter";
import type { HeldRecord, Lock, Seal, Tracking } from "../state/lock";
import type { Loaded } from "../state/news";
import { lookAtContested } from "../state/contested";
import { isGone, phaseOf, type Phase, type Rewritten } from "../state/phase";
import { toAskForRights, toLookAt, toLookAtAll } from "../state/requests";
import { sealOf, untampered } from "../state/seal";
import { modeOf } from "../state/standing";
import type { Store } from "../state/store";
import { track } from "../state/new-tracked";
import type { Controller, Request, Result } from "../work/controller";
import type { Queue } from "../work/queue";
import { untilSomebodyActs } from "../work/retry";
import type { Admissions } from "./admissions";
import type { ManifestReader, Reading } from "./manifest-reader";
import type { Memories } from "./memories";
import type { Stalls } from "./stalls";

/** What loading a lock needs, and where its findings go. */
interface Parts extends RecordSearch {
  readonly manifests: ManifestReader;
  readonly memories: Memories;
  readonly admissions: Pick<Admissions, "ask">;
  readonly store: Store;
  readonly queue: Queue;
  readonly stalls: Stalls;
  readonly reporter: Reporter;
}

/** What the newest record of a release says, and what that means. */
interface Read {
  readonly newest: Newest | Rewritten;
  readonly seal: Seal | undefined;
  readonly phase: Phase;
  /** Undefined if the manifest is known already, or does not count. */
  readonly reading: Reading | undefined;
}

/** Brings a lock in line with the newest record of its release: its phase and, if the release is deployed, what it tracks. */
export class ReleaseController implements Controller {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  async reconcile({ name }: Request, attempt: number): Promise<Result> {
    const { store, revisions, memories, admissions, stalls, reporter, queue } = this.#parts;
    const lock = store.lockOf(name);
    // Until all records are listed, nobody knows which is the newest.
    if (!lock || !revisions.areComplete) return undefined;
    await memories.recall(lock);
    const loaded = await this.#load(lock);
    memories.ask(lock);
    admissions.ask();
    stalls.note(lock, loaded);
    reporter.loaded(lock, loaded);
    if (isNews(loaded)) this.#endBackOffs(lock);
    if (store.isDue(lock)) for (const request of toLookAtAll(lock)) queue.add(request);
    queue.add(toAskForRights(lock.release));
    return loaded.isWaiting ? { retryAfter: untilSomebodyActs(attempt) } : undefined;
  }

  failed({ name }: Request, error: unknown): void {
    const { store, memories, reporter } = this.#parts;
    const lock = store.lockOf(name);
    if (!lock) return;
    if (isRefusal(error)) store.failToLoad(lock, error);
    reporter.notLoaded(lock, error);
    memories.ask(lock);
  }

  /** A refused write may succeed now. */
  #endBackOffs(lock: Lock): void {
    for (const tracked of lock.objects.values()) this.#parts.queue.retryNow(toLookAt(tracked));
  }

  async #load(lock: Lock): Promise<Loaded> {
    const read = await newestRecord(lock.release, this.#parts);
    const seal = sealOf(read);
    const newest = untampered(read, seal, lock);
    const phase = phaseOf(newest);
    const reading = seal?.digest === lock.manifest ? undefined : await this.#read(newest, lock);
    return { ...this.#take(lock, { newest, seal, phase, reading }), isWaiting: reading?.isWaiting === true };
  }

  /** Waits for nothing: otherwise, reports of the watches about an object would be lost. */
  #take(lock: Lock, { newest, seal, phase, reading }: Read): Omit<Loaded, "isWaiting"> {
    const { store } = this.#parts;
    const { phase: before, record } = lock;
    store.load(lock, { phase, record: heldOf(newest), seal: phase.stance === "lock" ? seal : lock.seal });
    const isLocking = phase.stance !== "unlock" && modeOf(lock) !== "disabled";
    const tracking = !isLocking ? NOTHING : reading && trackingOf(reading, seal?.digest, lock);
    if (tracking) this.#track(lock, tracking);
    if (isGone(phase)) store.forget(lock);
    return { phase, before, isAnother: record?.uid !== lock.record?.uid };
  }

  /** What the lock no longer tracks may be another one's now. */
  #track(lock: Lock, tracking: Tracking): void {
    this.#parts.store.track(lock, tracking);
    lookAtContested(lock.release, this.#parts);
  }

  /** @returns what the manifest of a deployed release means */
  async #read(newest: Newest | Rewritten, lock: Lock): Promise<Reading | undefined> {
    const isDeployed = newest.is === "record" && newest.record.status === "deployed";
    return isDeployed && modeOf(lock) !== "disabled"
      ? this.#parts.manifests.read(newest.record.manifest, lock.release)
      : undefined;
  }
}

/** What a lock tracks if there is nothing to lock. */
const NOTHING: Tracking = { manifest: undefined, objects: [], untracked: [] };

/** If some kinds of a manifest are not served yet, it has to be read again. */
function trackingOf(
  { objects, untracked, isWaiting }: Reading,
  digest: string | undefined,
  lock: Lock,
): Tracking {
  return {
    manifest: isWaiting ? undefined : digest,
    objects: objects.map(({ kind, desired }) => track(lock, kind, desired)),
    untracked,
  };
}

function heldOf(newest: Newest | Rewritten): HeldRecord | undefined {
  if (newest.is !== "record") return undefined;
  const { description, notes } = newest.record;
  return { ...newest.state, description, notes, writers: newest.writers };
}

/** Whether a load has found more than what was missing before. */
function isNews({ isAnother, before, phase }: Loaded): boolean {
  return isAnother || before?.stance !== phase.stance;
}
