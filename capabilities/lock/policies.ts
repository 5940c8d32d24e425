import { isDeepStrictEqual } from "node:util";
import type { ReleaseRef } from "../release/release";
import type { Reporter } from "../report/reporter";
import { lookAtContested } from "../state/contested";
import type { Lock } from "../state/lock";
import { toAskForRights, toLoad, toLookAt, toLookAtAll } from "../state/requests";
import { isSuspendedAt, modeOf, type Mode, type Standing } from "../state/standing";
import type { Store } from "../state/store";
import { differ, doubt, reopen } from "../state/tracked";
import type { Queue } from "../work/queue";
import type { Admissions } from "./admissions";
import type { Memories } from "./memories";

/** How often the end of a suspension is compared with the clock, in milliseconds: a timer of 60 days would end at once, and no timer notices that a clock was set. */
const INTERVAL = 5_000;

/** Whose policies are followed, and where what follows from them goes. */
interface Parts {
  readonly store: Store;
  readonly queue: Queue;
  readonly memories: Pick<Memories, "ask" | "forget">;
  readonly admissions: Pick<Admissions, "ask">;
  readonly reporter: Pick<Reporter, "turned" | "statusOf">;
}

/** What a lock was told to do before. */
type Before = Pick<Lock, "policy" | "isSuspended" | "allowsCreate" | "isUnnamed">;

/** Has locks follow their policies: begins and ends suspensions, and has looked at again what a new policy may decide in another way. */
export class Policies {
  readonly #parts: Parts;
  #timer: NodeJS.Timeout | undefined;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  start(): void {
    this.#parts.admissions.ask();
    this.#timer = setInterval(this.#endSuspensions.bind(this), INTERVAL);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** Adds a HelmRelease to the lock of its release, or notes what it asks for now. */
  register(name: string, release: ReleaseRef, standing: Standing): Lock {
    const { store } = this.#parts;
    const known = store.lockOf(release);
    if (known && isDeepStrictEqual(termsOf(known.helmReleases.get(name)), termsOf(standing))) return known;
    const before = known && { ...known };
    const lock = store.register(name, release, standing);
    this.#follow(lock, before);
    return lock;
  }

  /** Takes a HelmRelease from the lock that it asked for. */
  unregister(name: string, lock: Lock): void {
    const before = { ...lock };
    this.#parts.store.unregister(name, lock);
    this.#parts.memories.forget(lock, name);
    this.#follow(lock, before);
  }

  #follow(lock: Lock, before: Before | undefined): void {
    this.#parts.admissions.ask();
    if (this.#parts.store.lockOf(lock.release) !== lock) return;
    // A lock that rests is not looked at, which would have it remembered.
    if (before) this.#parts.memories.ask(lock);
    if (before?.policy !== lock.policy) this.#followPolicy(lock, before);
    const isSame = before?.allowsCreate === lock.allowsCreate && before.isUnnamed === lock.isUnnamed;
    if (!isSame) this.#followPermission(lock);
    this.#parts.reporter.statusOf(lock);
  }

  #followPolicy(lock: Lock, before: Before | undefined): void {
    const { store, reporter } = this.#parts;
    // A suspension that has ended stays so, also if the clock is set back.
    if (!isDeepStrictEqual(before?.policy.suspension, lock.policy.suspension))
      store.suspend(lock, isSuspendedAt(lock.policy, Date.now()));
    if (before) this.#turn(lock, before);
    else if (modeOf(lock) !== "enabled") reporter.turned(lock, modeOf(lock));
  }

  /** If the permission to create changes, objects that were left as they are need another look. */
  #followPermission(lock: Lock): void {
    const { store, queue } = this.#parts;
    lookAtContested(lock.release, this.#parts);
    for (const tracked of lock.objects.values()) {
      if (tracked.problem === undefined) continue;
      doubt(tracked);
      if (store.isDue(lock)) queue.add(toLookAt(tracked));
    }
  }

  #turn(lock: Lock, before: Before): void {
    const [mode, former] = [modeOf(lock), modeOf(before)];
    if (mode !== former) this.#changeMode(lock, mode, former);
    if (mode !== former || !isSameDetection(lock, before)) this.#lookAgain(lock);
    if (lock.policy.serviceAccount !== before.policy.serviceAccount)
      this.#parts.queue.addNow(toAskForRights(lock.release));
  }

  #changeMode(lock: Lock, mode: Mode, former: Mode): void {
    const { store, queue, reporter } = this.#parts;
    if (former === "disabled" && lock.phase?.stance === "lock") store.unread(lock);
    if (mode === "suspended") for (const tracked of lock.objects.values()) differ(tracked, undefined);
    if ([mode, former].includes("disabled")) queue.addNow(toLoad(lock.release));
    reporter.turned(lock, mode);
  }

  /** Whatever was found right, or was left as it is, may be found otherwise now; what was refused, accepted. */
  #lookAgain(lock: Lock): void {
    const { store, queue } = this.#parts;
    for (const tracked of lock.objects.values()) reopen(tracked);
    if (store.isDue(lock)) for (const request of toLookAtAll(lock)) queue.addNow(request);
  }

  #endSuspensions(): void {
    const { store, reporter } = this.#parts;
    for (const lock of store.locks()) {
      if (!lock.isSuspended || isSuspendedAt(lock.policy, Date.now())) continue;
      const before = { ...lock };
      store.suspend(lock, false);
      this.#parts.admissions.ask();
      this.#turn(lock, before);
      reporter.statusOf(lock);
    }
  }
}

/** All that makes one standing another one. */
function termsOf(standing: Standing | undefined): unknown {
  return standing && { ...standing, policy: undefined };
}

/** Whether two policies would find the same. */
function isSameDetection(lock: Before, before: Before): boolean {
  const [one, other] = [lock, before].map(({ policy }) => ({
    ...policy,
    suspension: undefined,
    recordDiff: undefined,
    admission: undefined,
  }));
  return isDeepStrictEqual(one, other);
}
