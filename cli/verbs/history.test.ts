import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { fieldsText } from "./history";

const many = Array.from({ length: 40 }, (_, index) => `/data/key-${index}`);

describe("fieldsText", () => {
  it("has a dash for a whole object", () => {
    assert.equal(fieldsText([], false), "-");
  });

  it("has all that fit", () => {
    assert.equal(fieldsText(["/data/a", "/data/b"], false), "/data/a,/data/b");
  });

  it("counts those that do not", () => {
    const text = fieldsText(many, false);
    const [shown = "", more] = text.split(" +");
    assert.ok(text.startsWith("/data/key-0,/data/key-1"), text);
    assert.equal(shown.split(",").length + Number(more), many.length);
    assert.ok(text.length <= 64, text);
  });

  it("has the first in any case", () => {
    const long = `/data/${"x".repeat(200)}`;
    assert.match(fieldsText([long, "/data/a"], false), /^\/data\/x+… \+1$/);
  });

  it("never cuts for who asks for all", () => {
    assert.equal(fieldsText(many, true), many.join(","));
  });
});
