import { releaseKey, type ReleaseRef } from "../release/release";
import type { RecordState } from "../release/storage";

/** How long after it was sent a phase check allows a write to leave, in milliseconds. */
export const CHECK_LIFETIME = 1_000;

/** A passed phase check. */
export interface Pass {
  /** performance.now() after which a write must not leave on its strength. */
  readonly notAfter: number;
}

/** Reads whether a record is still the newest, unchanged and deployed. */
export type IsCurrent = (release: ReleaseRef, held: RecordState) => Promise<boolean>;

/**
 * The phase check before every write: what was observed before a check was sent may be written after it passed. Everything of one
 * release that asks while a check is under way shares the next one.
 */
export class Gate {
  readonly #isCurrent: IsCurrent;
  readonly #sent = new Map<string, Promise<Pass | undefined>>();
  readonly #next = new Map<string, Promise<Pass | undefined>>();

  constructor(isCurrent: IsCurrent) {
    this.#isCurrent = isCurrent;
  }

  /**
   * Checks a release by a request that is sent after this call.
   *
   * @returns undefined where Helm has moved on: the record in hand is not the newest, or no longer deployed
   */
  check(release: ReleaseRef, held: RecordState): Promise<Pass | undefined> {
    const key = `${releaseKey(release)} ${held.uid} ${held.resourceVersion}`;
    const next = this.#next.get(key) ?? this.#after(key, () => this.#send(key, release, held));
    this.#next.set(key, next);
    return next;
  }

  async #after(key: string, send: () => Promise<Pass | undefined>): Promise<Pass | undefined> {
    await this.#sent.get(key)?.catch(() => undefined);
    this.#next.delete(key);
    const sent = send();
    this.#sent.set(key, sent);
    return sent;
  }

  async #send(key: string, release: ReleaseRef, held: RecordState): Promise<Pass | undefined> {
    const sent = performance.now();
    try {
      const current = await this.#isCurrent(release, held);
      return current ? { notAfter: sent + CHECK_LIFETIME } : undefined;
    } finally {
      this.#sent.delete(key);
    }
  }
}
