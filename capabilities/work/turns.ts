import type { ControllerName, Request } from "./controller";
import { Counts } from "./counts";

/** What only tells people, and how much of it may run at the same time: nothing that is to be put right waits for that. */
const TELLING = new Set<ControllerName>(["status", "event", "object event"]);
const TELLERS = 4;

/** How many requests of one group may run at the same time. */
const SHARE = 5;

/**
 * A group with more waiting requests than this is large: its requests wait for each other anyway, and requests of other
 * groups should find the API server free.
 */
const LARGE = 50;
const SHARE_OF_LARGE = 3;

/** Of what took long the last time, how many may run at the same time: of one group, and of all. */
const SLOW_OF_GROUP = 2;
const SLOW_OF_ALL = 4;

/** How many may take long at the same time without a worker: of one group, and of all. */
const DETAINED_OF_GROUP = 12;
const DETAINED_OF_ALL = 24;

/** Something that waits for its turn. */
export interface Turn {
  readonly request: Request;
  /** Whether it takes long, or took long the last time: what it waits for hangs. */
  isSlow: boolean;
}

/**
 * What runs takes one of the workers, or one of those that tell, or one of those for groups in which something takes long, or none as
 * it takes long itself.
 */
type Lane = "free" | "telling" | "suspect" | "detained";

interface Group<T> {
  readonly waiting: T[];
  /** Those that took long the last time. */
  readonly slow: T[];
  /** Where they run while none of the group takes long. */
  readonly lane: "free" | "telling";
}

type Groups<T> = Map<string, Group<T>>;

/**
 * Whose turn it is. Groups take turns, and each gets only its share. A group in which something hangs, as on a webhook that does not
 * answer, runs beside the others: all such groups together have as many workers as all others.
 */
export class Turns<T extends Turn> {
  readonly #workers: number;
  /** By lane. The order of the groups is the order of their turns. */
  readonly #groups: Readonly<Record<Group<T>["lane"], Groups<T>>> = { free: new Map(), telling: new Map() };
  readonly #lanes = new Map<T, Lane>();
  readonly #running = new Counts<Lane>();
  /** By group, without what is detained. */
  readonly #runningOf = new Counts<string>();
  readonly #detainedOf = new Counts<string>();
  /** By group, what runs and takes long, or took long the last time. */
  readonly #slowRunning = new Counts<string>();
  /** By group, what takes long or took long the last time, whether it runs, waits or backs off. */
  readonly #slow = new Counts<string>();

  /** @param workers how many may run at the same time */
  constructor(workers: number) {
    this.#workers = workers;
  }

  /** How many run. */
  get running(): number {
    return this.#lanes.size;
  }

  /** Lets something wait for its turn. */
  add(turn: T): void {
    const { group: name, controller } = turn.request;
    const lane = TELLING.has(controller) ? "telling" : "free";
    const group = this.#groups[lane].get(name) ?? { waiting: [], slow: [], lane };
    this.#groups[lane].set(name, group);
    (turn.isSlow ? group.slow : group.waiting).push(turn);
  }

  /** Forgets all that waits. */
  clear(): void {
    for (const groups of Object.values(this.#groups)) groups.clear();
  }

  /** Begins what is next, and sends its group to the back; undefined if nothing may begin. */
  next(): T | undefined {
    return this.#nextIn("free") ?? this.#nextIn("telling");
  }

  /** Notes that something takes long: as long as there is room, it takes no worker from others. */
  detain(turn: T): void {
    const { group } = turn.request;
    if (!turn.isSlow) this.#slowRunning.add(group, 1);
    this.#mark(turn, true);
    const isFull =
      this.#running.of("detained") >= DETAINED_OF_ALL || this.#detainedOf.of(group) >= DETAINED_OF_GROUP;
    if (isFull) return;
    this.#leave(turn);
    this.#enter(turn, "detained");
  }

  /** Notes that something has run. @param wasSlow whether that took long */
  end(turn: T, wasSlow: boolean): void {
    if (!this.#lanes.has(turn)) return;
    this.#leave(turn);
    if (turn.isSlow) this.#slowRunning.add(turn.request.group, -1);
    this.#mark(turn, wasSlow);
  }

  /** Notes that nothing is left to do for something. */
  forget(turn: T): void {
    this.#mark(turn, false);
  }

  #nextIn(lane: Group<T>["lane"]): T | undefined {
    const hasSuspects = this.#slow.hasAny && this.#hasRoom("suspect");
    if (!this.#hasRoom(lane) && !hasSuspects) return undefined;
    const groups = this.#groups[lane];
    for (const [name, group] of groups) {
      const turn = this.#take(name, group);
      if (!turn) continue;
      groups.delete(name);
      if (group.waiting.length + group.slow.length > 0) groups.set(name, group);
      this.#begin(turn, this.#laneOf(name, group));
      return turn;
    }
    return undefined;
  }

  #hasRoom(lane: Lane): boolean {
    return this.#running.of(lane) < (lane === "telling" ? TELLERS : this.#workers);
  }

  #laneOf(name: string, { lane }: Group<T>): Lane {
    return this.#slow.of(name) > 0 ? "suspect" : lane;
  }

  #take(name: string, group: Group<T>): T | undefined {
    const { waiting, slow } = group;
    const share = waiting.length + slow.length > LARGE ? SHARE_OF_LARGE : SHARE;
    if (!this.#hasRoom(this.#laneOf(name, group)) || this.#runningOf.of(name) >= share) return undefined;
    const mayBeSlow = this.#slowRunning.of(name) < SLOW_OF_GROUP && this.#slowRunning.sum < SLOW_OF_ALL;
    return (mayBeSlow ? slow.shift() : undefined) ?? waiting.shift();
  }

  #begin(turn: T, lane: Lane): void {
    this.#enter(turn, lane);
    if (turn.isSlow) this.#slowRunning.add(turn.request.group, 1);
  }

  #enter(turn: T, lane: Lane): void {
    this.#lanes.set(turn, lane);
    this.#count(turn, lane, 1);
  }

  #leave(turn: T): void {
    const lane = this.#lanes.get(turn);
    this.#lanes.delete(turn);
    if (lane) this.#count(turn, lane, -1);
  }

  #count({ request: { group } }: T, lane: Lane, change: 1 | -1): void {
    this.#running.add(lane, change);
    (lane === "detained" ? this.#detainedOf : this.#runningOf).add(group, change);
  }

  #mark(turn: T, isSlow: boolean): void {
    if (turn.isSlow === isSlow) return;
    turn.isSlow = isSlow;
    this.#slow.add(turn.request.group, isSlow ? 1 : -1);
  }
}
