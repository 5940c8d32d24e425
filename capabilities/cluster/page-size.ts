/** How many bytes of JSON a page of a list should have: so much the API server holds at once for it. */
const BYTES = 4 * 1024 * 1024;

/** Objects of the first page: as long as nobody knows what they weigh. */
const FIRST = 50;

/** Most objects of a page, as for kubectl. */
const MOST = 500;

/** How many objects the next page of a list may have: as many as are heavy enough together, if they weigh what those of the last page did. */
export class PageSize {
  #objects = FIRST;

  /** The `limit` of the next page. */
  get limit(): string {
    return String(this.#objects);
  }

  /** Notes what the objects of a page weighed, in bytes. */
  note(objects: number, bytes: number): void {
    if (bytes > 0) this.#objects = Math.min(MOST, Math.max(1, Math.floor((BYTES * objects) / bytes)));
  }
}
