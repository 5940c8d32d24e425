import { content } from "../drift/differences";
import { digestOf } from "../kube/digest";
import type { KubeObject } from "../kube/object";

/** How often exactly the same change may come back before it counts as a fight. */
const MOST = 5;

/** Milliseconds without the change after which a fight is over. */
const OVER = 60_000;

/** Milliseconds between reverts in a fight: doubled in every round. */
const FIRST_PAUSE = 1_000;
const LONGEST_PAUSE = 30_000;

interface Fight {
  /** What was reverted last, as a digest. */
  readonly digest: string;
  readonly rounds: number;
  readonly at: number;
}

/**
 * Notices another controller: somebody who makes exactly the same change again as often as it is reverted. People, and
 * programs that change something else every time, are never slowed down.
 */
export class Fights {
  readonly #fights = new WeakMap<object, Fight>();

  /**
   * Notes a revert.
   *
   * @param tracked the object
   * @param live what was reverted; undefined if the object had been deleted
   * @param now milliseconds, of any clock that only goes forward
   */
  note(tracked: object, live: KubeObject | undefined, now: number): void {
    const digest = stateDigest(live);
    const known = this.#fights.get(tracked);
    const goesOn = known?.digest === digest && now - known.at < OVER;
    this.#fights.set(tracked, { digest, rounds: goesOn ? known.rounds + 1 : 1, at: now });
  }

  /**
   * How long to hold off.
   *
   * @param tracked the object to be reverted
   * @param live its current state; undefined if it is deleted
   * @param now milliseconds, as in `note`
   * @returns milliseconds until the next revert is due; 0 while there is no fight
   */
  pause(tracked: object, live: KubeObject | undefined, now: number): number {
    const fight = this.#fights.get(tracked);
    if (!fight || fight.rounds < MOST || fight.digest !== stateDigest(live)) return 0;
    const pause = Math.min(FIRST_PAUSE * 2 ** (fight.rounds - MOST), LONGEST_PAUSE);
    return Math.max(0, fight.at + pause - now);
  }
}

function stateDigest(live: KubeObject | undefined): string {
  return digestOf("", live && content(live));
}
