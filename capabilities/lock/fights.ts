import { changedBy } from "../drift/blame";
import type { Write } from "../drift/operation";
import { digestOf } from "../kube/digest";
import type { KubeObject } from "../kube/object";
import { bout, exertion, isExhausted, REST, type Bout, type Exertion } from "./pace";

/** How many places of one object are told apart; what is more is one place. */
const MOST_PLACES = 8;

/** Milliseconds between reverts of what is fought over without pause: of one object, and of all such objects of a release. */
const OF_OBJECT = 1_000;
const OF_RELEASE = 100;

/** After how many milliseconds another change of an object is looked at while one is held off. */
const NEWS_AFTER = 100;

/** After how many milliseconds without a revert users are no longer told of a fight. */
const QUIET = 2_000;

/** Something that is about to be reverted. */
export interface Contested {
  /** The object as it is; undefined if it is deleted. */
  readonly live: KubeObject | undefined;
  /** JSON pointers to what was changed. */
  readonly fields: readonly string[];
  /** The field manager that Helm writes as. */
  readonly manager: string;
}

/** An object that was deleted; nobody knows by whom. */
export const DELETED: Contested = { live: undefined, fields: [], manager: "" };

/** What a write is about to revert. */
export function contestedBy(write: Write, manager: string): Contested {
  return write.do === "create" ? DELETED : { ...write, manager };
}

/** How long to hold off. */
export interface Pause {
  /** Milliseconds; 0 if not at all. */
  readonly retryAfter: number;
  /** After how many milliseconds another change of the object ends the pause; undefined if it does not. */
  readonly newsAfter: number | undefined;
}

interface Fight {
  readonly bouts: ReadonlyMap<string, Bout>;
  readonly exertion: Exertion;
  /** When its turn among the objects of its release comes; undefined while it needs none. */
  readonly turn: number | undefined;
}

/** An object that may be fought over, and its lock. */
interface Fought {
  readonly lock: object;
}

/**
 * Notices whoever changes an object again as often as that is reverted. A fight is told by the place, by who has changed it, and by how
 * often and for how long; what else is changed in the object, or by somebody else, is not held off. What is fought over without pause,
 * whatever is changed each time, gets its share of the writes and no more.
 */
export class Fights {
  readonly #fights = new WeakMap<Fought, Fight>();
  /** When the next object of a release has its turn. */
  readonly #turns = new WeakMap<object, number>();

  /** Notes a revert. @param now milliseconds, of any clock that only goes forward */
  note(tracked: Fought, contested: Contested, now: number): void {
    const known = this.#fights.get(tracked);
    const places = placesOf(contested).map(place => [place, bout(known?.bouts.get(place), now)] as const);
    const others = [...(known?.bouts ?? [])].filter(
      ([place, { at, pause }]) => now - at < pause + REST && !places.some(([one]) => one === place),
    );
    const bouts = new Map([...others, ...places].slice(-MOST_PLACES));
    this.#fights.set(tracked, { bouts, exertion: exertion(known?.exertion, now), turn: undefined });
  }

  /** How long to hold off before a revert. @param now as in `note` */
  pause(tracked: Fought, contested: Contested, now: number): Pause {
    const fight = this.#fights.get(tracked);
    if (!fight) return { retryAfter: 0, newsAfter: undefined };
    const isHeldOff = [...fight.bouts.values()].some(known => left(known, now) > 0);
    const pauses = isHeldOff ? placesOf(contested).map(place => left(fight.bouts.get(place), now)) : [0];
    const isOpen = !isExhausted(fight.exertion, now);
    const turn = isOpen ? undefined : this.#turnOf(tracked, fight, now);
    const retryAfter = Math.max(0, Math.min(...pauses), (turn ?? now) - now);
    const due = retryAfter > 0 ? Math.max(fight.exertion.due, now + retryAfter) : fight.exertion.due;
    this.#fights.set(tracked, { ...fight, turn, exertion: { ...fight.exertion, due } });
    return { retryAfter, newsAfter: isOpen ? NEWS_AFTER : undefined };
  }

  /** For how many milliseconds users are still to be told of a fight, if nothing is changed again. @param now as in `note` */
  toldFor(tracked: Fought, now: number): number {
    const fight = this.#fights.get(tracked);
    if (!fight) return 0;
    const isFought =
      isExhausted(fight.exertion, now) || [...fight.bouts.values()].some(({ pause }) => pause > 0);
    return isFought ? Math.max(0, fight.exertion.at + QUIET - now) : 0;
  }

  /** Each object has its own turn, so that not all of them come at once. */
  #turnOf(tracked: Fought, fight: Fight, now: number): number {
    if (fight.turn !== undefined) return fight.turn;
    const next = this.#turns.get(tracked.lock) ?? now;
    const turn = Math.max(now, fight.exertion.at + OF_OBJECT, next);
    this.#turns.set(tracked.lock, turn + OF_RELEASE);
    return turn;
  }
}

/** How long what was changed at a place is still held off, in milliseconds. */
function left(known: Bout | undefined, now: number): number {
  return known ? Math.max(0, known.at + known.pause - now) : 0;
}

/** What was changed where, and by whom: digests. */
function placesOf({ live, fields, manager }: Contested): string[] {
  if (!live || fields.length === 0) return [live ? "none" : "deleted"];
  const together = fields.length > MOST_PLACES ? [fields] : fields.map(field => [field]);
  return together.map(some => digestOf([...some].sort().join("\n"), changedBy(live, some, manager)));
}
