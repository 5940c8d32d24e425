import type { Json } from "../kube/object";
import type { Body } from "./exchange";
import { parseJson } from "./json";

/** Takes an item of a list, and how many bytes it had as JSON. */
export type OnItem = (item: Json, bytes: number) => void;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const BRACKET = 0x5b;

/** This bit makes a bracket the brace of its side. */
const BRACE_BIT = 0x20;
const OPENING = 0x7b;
const CLOSING = 0x7d;

/** How deep the items of a list are. */
const ITEMS = 2;

/** What precedes the items, after the brace or the comma of the list itself. */
const BEFORE_ITEMS = /[{,]\s*"items"\s*:\s*$/;

/**
 * Reads the JSON of a list piece by piece. It passes on each item as soon as that is complete, so that no more than one
 * is held, however large the list is.
 */
export class ListReader implements Body<Json> {
  readonly #onItem: OnItem;
  /** The list without its items. */
  readonly #list: Buffer[] = [];
  /** The item that is being read; undefined between items. */
  #item: Buffer[] | undefined;
  #depth = 0;
  #isInItems = false;
  #isInString = false;
  #isEscaped = false;
  /** Where the bytes begin that were not kept yet. */
  #from = 0;

  constructor(onItem: OnItem) {
    this.#onItem = onItem;
  }

  /** Reads on. */
  write(chunk: Buffer): void {
    this.#from = 0;
    let at = 0;
    while (at < chunk.length) {
      if (this.#isInString) at = this.#skipString(chunk, at);
      else {
        const byte = chunk[at] ?? 0;
        if (byte === QUOTE) this.#isInString = true;
        else if ((byte | BRACE_BIT) === OPENING) this.#open(chunk, at);
        else if ((byte | BRACE_BIT) === CLOSING) this.#close(chunk, at);
        at++;
      }
    }
    this.#keep(chunk, chunk.length);
  }

  /**
   * Ends the list.
   *
   * @returns the list with no items
   * @throws SyntaxError if it is not complete, or no JSON
   */
  end(): Json {
    return parseJson(Buffer.concat(this.#list).toString());
  }

  /** @returns where the string ends, or the chunk */
  #skipString(chunk: Buffer, from: number): number {
    const wasEscaped = this.#isEscaped;
    for (let at = from; ; ) {
      const quote = chunk.indexOf(QUOTE, at);
      const end = quote === -1 ? chunk.length : quote;
      const slashes = backslashesBefore(chunk, end, from);
      this.#isEscaped = (slashes % 2 === 1) !== (wasEscaped && slashes === end - from);
      if (quote === -1) return end;
      at = quote + 1;
      if (this.#isEscaped) continue;
      this.#isInString = false;
      return at;
    }
  }

  #open(chunk: Buffer, at: number): void {
    if (this.#depth === ITEMS - 1) {
      this.#keep(chunk, at);
      const isOfItems = chunk[at] === BRACKET && BEFORE_ITEMS.test(Buffer.concat(this.#list).toString());
      this.#keep(chunk, at + 1);
      this.#isInItems = isOfItems;
    } else if (this.#depth === ITEMS && this.#isInItems) {
      this.#item = [];
      this.#from = at;
    }
    this.#depth++;
  }

  #close(chunk: Buffer, at: number): void {
    this.#depth--;
    if (!this.#isInItems) return;
    if (this.#depth === ITEMS) this.#complete(chunk, at + 1);
    else if (this.#depth < ITEMS) {
      this.#from = at;
      this.#isInItems = false;
    }
  }

  #complete(chunk: Buffer, end: number): void {
    this.#keep(chunk, end);
    const bytes = Buffer.concat(this.#item ?? []);
    this.#item = undefined;
    this.#onItem(parseJson(bytes.toString()), bytes.length);
  }

  /** Keeps what belongs to the item or the list; what is between items belongs to neither. */
  #keep(chunk: Buffer, end: number): void {
    const isBetween = this.#isInItems && !this.#item && this.#depth === ITEMS;
    if (!isBetween && end > this.#from) (this.#item ?? this.#list).push(chunk.subarray(this.#from, end));
    this.#from = end;
  }
}

function backslashesBefore(chunk: Buffer, end: number, from: number): number {
  let start = end;
  while (start > from && chunk[start - 1] === BACKSLASH) start--;
  return end - start;
}
