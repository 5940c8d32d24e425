import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parse } from "yaml";
import { jsonLine, yamlDocument } from "./documents";

/** What moves a cursor, turns text around or can't be seen. */
const TEXTS = ["a\u009b2Jb", "a\u202eb", "\u001b[2J\n", "a\r\nb", "\u{E0041}", "\u0085\n\tx\n"];

const OTHERS = { texts: TEXTS, "a\u202ekey": "a\tb\nc\n", plain: "blau 🚀 é" };
const VALUE = { ...OTHERS, number: 9007199254740993n };

describe("json and yaml", () => {
  it("hold nothing that a terminal obeys", () => {
    for (const text of [jsonLine(VALUE), yamlDocument(VALUE)]) assert.doesNotMatch(text, /[^\P{C}\n\t]/u);
  });

  it("lose nothing", () => {
    assert.deepEqual(JSON.parse(jsonLine(OTHERS)), OTHERS);
    assert.deepEqual(parse(yamlDocument(VALUE), { intAsBigInt: true }), VALUE);
  });

  it("are otherwise as everybody writes them", () => {
    assert.equal(jsonLine({ a: 1n, b: "é" }), '{"a":1,"b":"é"}\n');
    assert.equal(yamlDocument({ a: 1n, b: "é\nx\n" }), "---\na: 1\nb: |\n  é\n  x\n");
  });
});
