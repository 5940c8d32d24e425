import { addTo } from "./lists";

/** Values by their places in an object, each a JSON pointer: found by a place without a look at the others. */
export class Places<T> {
  readonly #values: T[] = [];
  /** Positions in the list above. */
  readonly #at = new Map<string, number[]>();
  readonly #inside = new Map<string, number[]>();

  constructor(entries: Iterable<readonly [pointer: string, value: T]> = []) {
    for (const [pointer, value] of entries) this.#add(pointer, value);
  }

  /** What is at a place, around it or inside of it, in the order in which it was given. */
  near(pointer: string): T[] {
    const positions = [
      ...[pointer, ...around(pointer)].flatMap(place => this.#at.get(place) ?? []),
      ...(this.#inside.get(pointer) ?? []),
    ];
    return positions
      .sort((one, other) => one - other)
      .flatMap(position => this.#values.slice(position, position + 1));
  }

  #add(pointer: string, value: T): void {
    const position = this.#values.push(value) - 1;
    addTo(this.#at, pointer, position);
    for (const place of around(pointer)) addTo(this.#inside, place, position);
  }
}

/** The places that lead to another one. */
function around(pointer: string): string[] {
  return [...pointer.matchAll(/\//g)].map(({ index }) => pointer.slice(0, index));
}
