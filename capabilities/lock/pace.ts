/** Milliseconds within which a change comes back that answers a revert. */
export const REST = 5_000;

/** What a fight is: so many reverts, each soon after the one before, for so many milliseconds. */
const ROUNDS = 10;
const LASTING = 10_000;

/** Milliseconds of a fight after which its pauses grow. */
const LONG = 60_000;

/** Milliseconds between reverts in a fight: doubled in every round of a long one. */
const FIRST_PAUSE = 1_000;
const LONGEST_PAUSE = 30_000;

/** Reverts of the same place and the same writer, one soon after the other. Times are in milliseconds. */
export interface Bout {
  readonly since: number;
  readonly at: number;
  readonly rounds: number;
  /** How long to hold off after the last revert. */
  readonly pause: number;
}

/** A bout after one more revert. */
export function bout(known: Bout | undefined, now: number): Bout {
  if (!known || now - known.at > known.pause + REST) return { since: now, at: now, rounds: 1, pause: 0 };
  const { since, rounds, pause } = known;
  const lasted = now - since;
  const isFight = pause > 0 || (rounds + 1 >= ROUNDS && lasted >= LASTING);
  const longer = lasted >= LONG ? Math.min(2 * pause, LONGEST_PAUSE) : FIRST_PAUSE;
  return { since, at: now, rounds: rounds + 1, pause: isFight ? Math.max(longer, FIRST_PAUSE) : 0 };
}

/** For how long something was reverted without pause, whatever was changed in it: it takes as long to recover. */
export interface Exertion {
  readonly at: number;
  /** Until when it was held off since then; else the same. */
  readonly due: number;
  readonly lasted: number;
}

/** The exertion after one more revert. */
export function exertion(known: Exertion | undefined, now: number): Exertion {
  if (!known) return { at: now, due: now, lasted: 0 };
  const rest = now - known.due;
  const lasted = rest < REST ? known.lasted + now - known.at : known.lasted - rest;
  return { at: now, due: now, lasted: Math.min(Math.max(0, lasted), LONG) };
}

/** Whether something has been reverted without pause for so long that it is done less often now. */
export function isExhausted({ due, lasted }: Exertion, now: number): boolean {
  return lasted >= LONG && now - due < REST;
}
