/** How many groups of places are tried by themselves. */
const MOST_TRIES = 12;

/**
 * The search for what of an object can be put right where its repair as a whole is refused: groups of places are repaired by themselves,
 * and a group that is refused is halved.
 */
export interface Trial {
  /** The group that is being repaired. */
  readonly current: readonly string[];
  readonly rest: readonly (readonly string[])[];
  /** What is refused by itself. */
  readonly refused: readonly string[];
  readonly tries: number;
}

/** Begins a search among places, of which all together are refused. */
export function beginTrial(places: readonly string[]): Trial {
  return next({ current: [], rest: halves(places), refused: [], tries: 0 });
}

/** The search after its group was repaired, or refused. */
export function continueTrial(trial: Trial, isRefused: boolean): Trial {
  if (!isRefused) return next(trial);
  const { current, rest, refused } = trial;
  return current.length === 1
    ? next({ ...trial, refused: [...refused, ...current] })
    : next({ ...trial, rest: [...halves(current), ...rest] });
}

/** Whether all is known. */
export function isOver({ current }: Trial): boolean {
  return current.length === 0;
}

/** What is not to be repaired for now. */
export function withheldBy({ rest, refused }: Trial): string[] {
  return [...rest.flat(), ...refused];
}

function next({ rest: [current = [], ...rest], refused, tries }: Trial): Trial {
  const isLast = rest.length === 0 && current.length === 1 && refused.length === 0;
  // All of it is refused, and the rest of it is not.
  if (isLast || tries === MOST_TRIES)
    return { current: [], rest: [], refused: [...refused, ...current, ...rest.flat()], tries };
  return { current, rest, refused, tries: tries + 1 };
}

function halves(places: readonly string[]): (readonly string[])[] {
  const half = Math.ceil(places.length / 2);
  return [places.slice(0, half), places.slice(half)].filter(({ length }) => length > 0);
}
