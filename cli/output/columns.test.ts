import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { contextColumns, fieldIn, valueColumn, whenColumn } from "./columns";
import { counted } from "./counted";

describe("columns", () => {
  it("have clusters where they are named", () => {
    assert.deepEqual(contextColumns({ context: [] }, String), []);
    assert.equal(contextColumns({ context: ["a"] }, String)[0]?.text("a", false), "a");
  });

  it("cut values, but not in wide, and have none where a row has none", () => {
    const { text } = valueColumn(
      "LIVE",
      (row: string) => row,
      row => row !== "none",
    );
    assert.deepEqual(
      [text("x".repeat(40), false), text("x".repeat(40), true), text("none", true)],
      [`${"x".repeat(31)}…`, "x".repeat(40), ""],
    );
  });

  it("shorten fields and times, but not in wide", () => {
    const field = "/spec/template/spec/containers/[name=web]/image";
    assert.deepEqual(
      [fieldIn(field, false), fieldIn(field, true)],
      ["/spec/template/…/containers/[web]/image", field],
    );
    const { text } = whenColumn((row: string | undefined) => row);
    assert.equal(text("2020-01-01T00:00:00Z", true), "2020-01-01T00:00:00Z");
    assert.match(text("2020-01-01T00:00:00Z", false), /^\d+d$/);
    assert.deepEqual([text(undefined, true), text(undefined, false)], ["-", "-"]);
  });

  it("count one and many", () => {
    assert.deepEqual(
      [0, 1, 2].map(count => counted(count, "field")),
      ["0 fields", "1 field", "2 fields"],
    );
  });
});
