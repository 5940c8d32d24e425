import type { actions, happenings } from "../../crds/history";

/** How many changes are remembered; of each, how many fields and names, and how many characters of each. */
export const MOST = { entries: 20, fields: 10, names: 5, characters: 128 };

/** A change that Helm did not make, and what was done about it. */
export interface Change {
  readonly object: { readonly kind: string; readonly namespace: string | undefined; readonly name: string };
  readonly operation: (typeof happenings)[number];
  /** JSON pointers; empty where they are not to be recorded. */
  readonly fields: readonly string[];
  /** Who made it, by their own choice of field manager names. */
  readonly by: readonly string[];
  readonly action: (typeof actions)[number];
  /** Milliseconds from when it was seen to the answer to the write; undefined where nothing was written. */
  readonly tookMs: number | undefined;
  /** What the fields were; empty where that is not to be recorded. */
  readonly values: readonly FieldValues[];
}

/** A field in the chart and in the live object: text, or JSON; undefined where there is none. */
export interface FieldValues {
  readonly field: string;
  readonly chart: string | undefined;
  readonly live: string | undefined;
}

/** A change as it is remembered. */
export interface Entry extends Change {
  /** Milliseconds since 1970, the last time. */
  readonly time: number;
  readonly count: number;
}

/** The newest changes of a release's objects. What has happened before counts once more, whatever the values were. */
export class History {
  /** By what they are about, oldest first. */
  #entries = new Map<string, Entry>();

  /** Newest first. */
  get entries(): readonly Entry[] {
    return [...this.#entries.values()].reverse();
  }

  /** @param now milliseconds since 1970 */
  note(change: Change, now: number): void {
    const bounded = within(change);
    const key = keyOf(bounded);
    const count = (this.#entries.get(key)?.count ?? 0) + 1;
    this.#entries.delete(key);
    this.#entries.set(key, { ...bounded, time: now, count });
    const [oldest = ""] = this.#entries.keys();
    if (this.#entries.size > MOST.entries) this.#entries.delete(oldest);
  }

  /** Whether the same has happened before, and is remembered. */
  has(change: Change): boolean {
    return this.#entries.has(keyOf(within(change)));
  }

  /** Adds what was remembered elsewhere; of the same change, the last time and the highest count are right. */
  recall(entries: readonly Entry[]): void {
    const merged = new Map([...this.#entries].reverse());
    for (const entry of entries.map(each => ({ ...each, ...within(each) }))) {
      const { time, count } = entry;
      const known = merged.get(keyOf(entry)) ?? entry;
      merged.set(keyOf(entry), {
        ...known,
        time: Math.max(time, known.time),
        count: Math.max(count, known.count),
      });
    }
    const newest = [...merged].sort(([, one], [, other]) => other.time - one.time).slice(0, MOST.entries);
    this.#entries = new Map(newest.reverse());
  }
}

function within<T extends Change>(change: T): T {
  const short = (text: string) => text.slice(0, MOST.characters);
  return {
    ...change,
    fields: change.fields.slice(0, MOST.fields).map(short),
    by: change.by.slice(0, MOST.names).map(short),
    values: change.values.slice(0, MOST.fields),
  };
}

function keyOf({ object: { kind, namespace, name }, operation, fields, by, action }: Change): string {
  return JSON.stringify([kind, namespace, name, operation, fields, by, action]);
}
