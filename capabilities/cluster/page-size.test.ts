import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { PageSize } from "./page-size";

describe("PageSize", () => {
  const pages: [what: string, objects: number, bytes: number, limit: string][] = [
    ["small objects", 50, 50 * 400, "500"],
    ["objects of 100 kB", 50, 50 * 100_000, "41"],
    ["objects of a megabyte", 50, 50 * 1_000_000, "4"],
    ["one that is larger than a page", 1, 9_000_000, "1"],
  ];
  for (const [what, objects, bytes, limit] of pages) {
    it(`asks for ${limit} after ${what}`, () => {
      const size = new PageSize();
      size.note(objects, bytes);
      assert.equal(size.limit, limit);
    });
  }

  it("begins small, and learns nothing from an empty page", () => {
    const size = new PageSize();
    size.note(0, 0);
    assert.equal(size.limit, "50");
  });
});
