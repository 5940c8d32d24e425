import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ageText, harmless, shortField, valueText } from "./values";

describe("valueText", () => {
  const cases: [value: Parameters<typeof valueText>[0], text: string][] = [
    [undefined, "-"],
    ["blue", "blue"],
    ["shop:1.4.2 and more", "shop:1.4.2 and more"],
    ["", '""'],
    ["true", '"true"'],
    ["80", '"80"'],
    ["null", '"null"'],
    ["-", '"-"'],
    [" x", '" x"'],
    ["x ", '"x "'],
    ["[a]", '"[a]"'],
    ["a\nb", '"a\\nb"'],
    ["a\u001b[2J", '"a\\u001b[2J"'],
    ["\u009b2J", '"\\u009b2J"'],
    ["a\u202eb", '"a\\u202eb"'],
    [{ a: "\u202e" }, '{"a":"\\u202e"}'],
    [80, "80"],
    [null, "null"],
    [9007199254740993n, "9007199254740993"],
    [{ a: [1, "b"] }, '{"a":[1,"b"]}'],
  ];
  for (const [value, text] of cases) {
    it(`writes ${text}`, () => {
      assert.equal(valueText(value), text);
    });
  }
});

describe("harmless", () => {
  it("leaves nothing that moves a cursor or turns text around", () => {
    assert.equal(harmless("a\u001b[2Jb\u202ec\r\n"), "a\u{FFFD}[2Jb\u{FFFD}c\u{FFFD}\u{FFFD}");
  });
});

describe("ageText", () => {
  const now = Date.parse("2026-01-10T00:00:00Z");
  const cases: [time: string | undefined, age: string][] = [
    ["2026-01-10T00:00:00Z", "0s"],
    ["2026-01-09T23:58:01Z", "119s"],
    ["2026-01-09T23:58:00Z", "2m"],
    ["2026-01-09T22:00:00Z", "2h"],
    ["2026-01-04T00:00:00Z", "6d"],
    ["2026-01-10T00:01:00Z", "0s"],
    [undefined, "-"],
    ["yesterday", "-"],
  ];
  for (const [time, age] of cases) {
    it(`is ${age} since ${String(time)}`, () => {
      assert.equal(ageText(time, now), age);
    });
  }
});

describe("shortField", () => {
  const cases: Record<string, string> = {
    "/data/color": "/data/color",
    "/spec/template/spec/containers/[name=web]/image": "/spec/template/…/containers/[web]/image",
    "/spec/template/spec/containers/[name=web]": "/spec/template/spec/containers/[web]",
    "/metadata/labels/example.com~1tier": "/metadata/labels/example.com~1tier",
  };
  for (const [field, short] of Object.entries(cases)) {
    it(`is ${short}`, () => {
      assert.equal(shortField(field), short);
    });
  }
});
