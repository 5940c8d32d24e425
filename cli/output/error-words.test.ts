import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { errorLine } from "./error-words";

describe("errorLine", () => {
  const error = new Error("no\u001b[2J such\u202e thing");
  error.stack = `Error: no\u001b[2J such\n    at \u202ehere`;

  it("is one harmless line", () => {
    assert.equal(errorLine(error, false), "error: no\u{FFFD}[2J such\u{FFFD} thing");
  });

  it("is harmless with where it comes from, too", () => {
    assert.deepEqual(errorLine(error, true).split("\n").slice(1), [
      "Error: no\u{FFFD}[2J such",
      "    at \u{FFFD}here",
    ]);
  });
});
