import { releaseKey, type ReleaseRef } from "../release/release";
import type { RecordState } from "../release/storage";

/** For how many milliseconds after it was sent a phase check allows a write to leave. */
export const CHECK_LIFETIME = 1_000;

/** For how many more milliseconds a reused pass must be valid: a write may wait that long for a connection. */
const MARGIN = 500;

/** A passed phase check. */
export interface Pass {
  /** performance.now() after which a write that relies on this pass must not leave. */
  readonly notAfter: number;
}

/** Reads whether a record is still the newest, unchanged and deployed. */
export type IsCurrent = (release: ReleaseRef, held: RecordState) => Promise<boolean>;

/** A check that is under way, and performance.now() when it was sent. */
interface Sent {
  readonly at: number;
  readonly answer: Promise<Pass | undefined>;
}

/**
 * The phase check before every write: a write may follow a passed check if its object was observed before the check was
 * sent. So one check serves everything of a release that was observed before it. What is observed while the check is
 * under way shares the next one.
 */
export class Gate {
  readonly #isCurrent: IsCurrent;
  readonly #sent = new Map<string, Sent>();
  readonly #next = new Map<string, Promise<Pass | undefined>>();
  readonly #passed = new WeakMap<RecordState, Pass>();

  constructor(isCurrent: IsCurrent) {
    this.#isCurrent = isCurrent;
  }

  /**
   * Checks a release with a request that is sent after the object to be written was observed.
   *
   * @param observedAt performance.now() of that observation
   * @returns undefined if Helm has moved on: the record in hand is not the newest, or no longer deployed
   */
  check(release: ReleaseRef, held: RecordState, observedAt: number): Promise<Pass | undefined> {
    const passed = this.#passed.get(held);
    if (passed && sentAt(passed) > observedAt && passed.notAfter - performance.now() > MARGIN)
      return Promise.resolve(passed);
    const key = `${releaseKey(release)} ${held.uid} ${held.resourceVersion}`;
    const sent = this.#sent.get(key);
    if (sent && sent.at > observedAt) return sent.answer;
    const next = this.#next.get(key) ?? this.#after(key, () => this.#send(key, release, held));
    this.#next.set(key, next);
    return next;
  }

  async #after(key: string, send: () => Promise<Pass | undefined>): Promise<Pass | undefined> {
    await this.#sent.get(key)?.answer.catch(() => undefined);
    this.#next.delete(key);
    return send();
  }

  #send(key: string, release: ReleaseRef, held: RecordState): Promise<Pass | undefined> {
    const at = performance.now();
    const answer = this.#ask(release, held, at).finally(() => this.#sent.delete(key));
    this.#sent.set(key, { at, answer });
    return answer;
  }

  async #ask(release: ReleaseRef, held: RecordState, at: number): Promise<Pass | undefined> {
    if (!(await this.#isCurrent(release, held))) {
      this.#passed.delete(held);
      return undefined;
    }
    const pass = { notAfter: at + CHECK_LIFETIME };
    this.#passed.set(held, pass);
    return pass;
  }
}

function sentAt({ notAfter }: Pass): number {
  return notAfter - CHECK_LIFETIME;
}
