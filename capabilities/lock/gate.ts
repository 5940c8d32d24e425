import { releaseKey, type ReleaseRef } from "../release/release";
import type { RecordState } from "../release/storage";

/** For how many milliseconds after its answer a phase check allows a write to leave, unless the answer itself took longer. */
export const PROMPT = 1_000;

/** A passed phase check; times are performance.now(). */
export interface Pass {
  /** When it was sent: it is about what was observed before. */
  readonly sentAt: number;
  readonly answeredAt: number;
  /** When a write that relies on it must have left. */
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
 *
 * That is enough however long anything takes: what Helm writes after the check makes a write that carries what was
 * observed before it fail. How soon a write has to leave only keeps it from lying about, so it grows with the time that
 * the API server takes to answer.
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
    if (passed && passed.sentAt > observedAt && isFresh(passed)) return Promise.resolve(passed);
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
    const answeredAt = performance.now();
    const pass = { sentAt: at, answeredAt, notAfter: answeredAt + Math.max(PROMPT, answeredAt - at) };
    this.#passed.set(held, pass);
    return pass;
  }
}

/** Whether there is time left for a write that still has to wait for a connection. */
function isFresh({ answeredAt, notAfter }: Pass): boolean {
  return performance.now() < (answeredAt + notAfter) / 2;
}
