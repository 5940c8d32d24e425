import type { Request } from "./controller";
import { Counts } from "./counts";

/** How many requests of one group may run at the same time. */
const SHARE = 5;

/**
 * A group with more waiting requests than this is large: its requests wait for each other anyway, and requests of other
 * groups should find the API server free.
 */
const LARGE = 50;
const SHARE_OF_LARGE = 3;

/** Of what took long the last time, how many may run at the same time: of one group, and of all, for each worker. */
const SLOW_OF_GROUP = 2;
const SLOW_OF_ALL = 0.5;

/** How many may take long at the same time without a worker: of one group, and of all, for each worker. */
const DETAINED_OF_GROUP = 12;
const DETAINED_OF_ALL = 3;

/** Of so many turns, one is first offered to what can wait. */
const TURN_OF_LATER = 4;

/** Something that waits for its turn. */
export interface Turn {
  readonly request: Request;
  /** Whether it takes long, or took long the last time: what it waits for hangs. */
  isSlow: boolean;
}

/** What runs takes one of the workers, or one of those for groups in which something takes long, or none as it takes long itself. */
type Entrance = "free" | "suspect";
type Lane = Entrance | "detained";

const ORDERS = ["first", "later"] as const;
type Order = (typeof ORDERS)[number];

interface Group<T> {
  readonly waiting: T[];
  /** Those that took long the last time. */
  readonly slow: T[];
}

/** Groups in which something waits; their order is the order of their turns. */
type Groups<T> = Map<string, Group<T>>;

/**
 * Whose turn it is. Groups take turns, and each gets only its share. A group in which something hangs, as on a webhook that does not
 * answer, runs beside the others: all such groups together have as many workers as all others.
 */
export class Turns<T extends Turn> {
  readonly #workers: number;
  /** By the lane that they take, and by what goes first and what can wait. */
  readonly #groups: Record<Entrance, Record<Order, Groups<T>>> = {
    free: { first: new Map(), later: new Map() },
    suspect: { first: new Map(), later: new Map() },
  };
  readonly #begun = { free: 0, suspect: 0 };
  readonly #lanes = new Map<T, Lane>();
  readonly #running = new Counts<Lane>();
  /** By group, without what is detained. */
  readonly #runningOf = new Counts<string>();
  readonly #detainedOf = new Counts<string>();
  /** By group, what runs and takes long, or took long the last time. */
  readonly #slowRunning = new Counts<string>();
  /** By group, what takes long or took long the last time, whether it runs, waits or backs off. */
  readonly #slow = new Counts<string>();

  /** @param workers how many may run at the same time; with what hangs, it is five times as many */
  constructor(workers: number) {
    this.#workers = workers;
  }

  /** How many run. */
  get running(): number {
    return this.#lanes.size;
  }

  /** Lets something wait for its turn. */
  add(turn: T): void {
    const { group: name } = turn.request;
    const groups = this.#groupsOf(turn);
    const group = groups.get(name) ?? { waiting: [], slow: [] };
    groups.set(name, group);
    (turn.isSlow ? group.slow : group.waiting).push(turn);
  }

  /** Takes back something that waits for its turn. */
  withdraw(turn: T): void {
    const { group: name } = turn.request;
    const groups = this.#groupsOf(turn);
    const group = groups.get(name);
    if (!group) return;
    const waiting = turn.isSlow ? group.slow : group.waiting;
    waiting.splice(waiting.indexOf(turn), 1);
    if (isEmpty(group)) groups.delete(name);
  }

  /** Forgets all that waits. */
  clear(): void {
    for (const groups of Object.values(this.#groups)) for (const order of ORDERS) groups[order].clear();
  }

  /** Begins what is next, and sends its group to the back; undefined if nothing may begin. */
  next(): T | undefined {
    return this.#nextOf("free") ?? this.#nextOf("suspect");
  }

  /** Notes that something takes long: as long as there is room, it takes no worker from others. */
  detain(turn: T): void {
    const { group } = turn.request;
    if (!turn.isSlow) this.#slowRunning.add(group, 1);
    this.#mark(turn, true);
    const isFull =
      this.#running.of("detained") >= DETAINED_OF_ALL * this.#workers ||
      this.#detainedOf.of(group) >= DETAINED_OF_GROUP;
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

  #nextOf(lane: Entrance): T | undefined {
    if (this.#running.of(lane) >= this.#workers) return undefined;
    const { first, later } = this.#groups[lane];
    const inOrder = this.#begun[lane] % TURN_OF_LATER === 0 ? [later, first] : [first, later];
    for (const groups of inOrder) {
      const turn = this.#takeFrom(groups);
      if (!turn) continue;
      this.#begun[lane]++;
      this.#begin(turn, lane);
      return turn;
    }
    return undefined;
  }

  #takeFrom(groups: Groups<T>): T | undefined {
    for (const [name, group] of groups) {
      const turn = this.#take(name, group);
      if (!turn) continue;
      groups.delete(name);
      if (!isEmpty(group)) groups.set(name, group);
      return turn;
    }
    return undefined;
  }

  #groupsOf({ request: { group, canWait = false } }: T): Groups<T> {
    return this.#groups[this.#laneOf(group)][canWait ? "later" : "first"];
  }

  #laneOf(group: string): Entrance {
    return this.#slow.of(group) > 0 ? "suspect" : "free";
  }

  #take(name: string, { waiting, slow }: Group<T>): T | undefined {
    const share = waiting.length + slow.length > LARGE ? SHARE_OF_LARGE : SHARE;
    if (this.#runningOf.of(name) >= share) return undefined;
    const mayBeSlow =
      this.#slowRunning.of(name) < SLOW_OF_GROUP && this.#slowRunning.sum < SLOW_OF_ALL * this.#workers;
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
    const { group: name } = turn.request;
    const before = this.#laneOf(name);
    turn.isSlow = isSlow;
    this.#slow.add(name, isSlow ? 1 : -1);
    const after = this.#laneOf(name);
    if (after !== before)
      for (const order of ORDERS) this.#move(name, this.#groups[before][order], this.#groups[after][order]);
  }

  #move(name: string, from: Groups<T>, to: Groups<T>): void {
    const group = from.get(name);
    if (!group) return;
    from.delete(name);
    to.set(name, group);
  }
}

function isEmpty({ waiting, slow }: Group<unknown>): boolean {
  return waiting.length + slow.length === 0;
}
