import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { isDeepStrictEqual } from "node:util";
import type { Json } from "../kube/object";
import { parseJson, writeJson } from "./json";

/** With what Node has since 21, and without. */
const EXACT = [true, false];

/** Long integers where none may stand, and in a text that ends too early. */
const BROKEN = [
  '{"a":12345678901234567890',
  "{12345678901234567890:1}",
  "[012345678901234567890]",
  "[12345678901234567890 1]",
  '["a" 12345678901234567890',
];

describe("parseJson", () => {
  const cases: [what: string, text: string, value: Json][] = [
    ["plain values", '{"a":[1,-2.5,"x",true,null,{}]}', { a: [1, -2.5, "x", true, null, {}] }],
    ["the last integer a double holds", '{"a":9007199254740991}', { a: 9007199254740991 }],
    ["the first that it does not", '{"a":9007199254740993}', { a: 9007199254740993n }],
    ["a long negative one", '{"a":-9223372036854775808}', { a: -9223372036854775808n }],
    ["one in a list", "[12345678901234567890]", [12345678901234567890n]],
    ["one that is all there is", "12345678901234567890", 12345678901234567890n],
    ["one behind a comma", "[1,12345678901234567890]", [1, 12345678901234567890n]],
    ["one on a line of its own", '{"a":\n  12345678901234567890\n}', { a: 12345678901234567890n }],
    ["short ones beside a long one", '{"a":12345678901234567890,"b":7}', { a: 12345678901234567890n, b: 7 }],
    [
      "a long fraction",
      "[0.12345678901234567,1234567890123456.5]",
      [0.12345678901234567, 1234567890123456.5],
    ],
    ["a power of ten", '{"a":1e20,"b":12345678901234567890}', { a: 1e20, b: 12345678901234567890n }],
    ["long digits in a text", '{"a":"id 12345678901234567890"}', { a: "id 12345678901234567890" }],
    ["them behind a quote", '["\\"",12345678901234567890]', ['"', 12345678901234567890n]],
    ["what looks like one in a text", '["a\\":[12345678901234567890]"]', ['a":[12345678901234567890]']],
    ["a long key", '{"12345678901234567890":1}', { "12345678901234567890": 1 }],
  ];

  for (const [what, text, value] of cases) {
    it(`reads ${what}`, () => {
      for (const isExact of EXACT) assert.deepEqual(parseJson(text, isExact), value);
    });
  }

  it("keeps a key that names a prototype as a key", () => {
    for (const number of ["1", "12345678901234567890"]) {
      for (const isExact of EXACT) {
        const value = parseJson(`{"__proto__":{"a":${number}}}`, isExact);
        assert.deepEqual(Object.keys(value ?? {}), ["__proto__"]);
      }
    }
  });

  it("reads a long one beside a text of megabytes", () => {
    const long = '\n"'.repeat(300_000);
    const text = `[${JSON.stringify(long)},12345678901234567890]`;
    for (const isExact of EXACT)
      assert.ok(isDeepStrictEqual(parseJson(text, isExact), [long, 12345678901234567890n]));
  });

  it("refuses what is no JSON", () => {
    for (const text of ["", "<html>", ...BROKEN])
      for (const isExact of EXACT) assert.throws(() => parseJson(text, isExact), SyntaxError);
  });
});

describe("writeJson", () => {
  it("escapes what YAML has no place for, and nothing else", () => {
    const value = { "a\u009b": "\u007f\u0085\ufffe\u2028ä😀" };
    assert.equal(writeJson(value), '{"a\\u009b":"\\u007f\u0085\\ufffe\u2028ä😀"}');
    assert.deepEqual(JSON.parse(writeJson(value)), value);
  });

  const texts = [
    '{"a":12345678901234567890,"b":[-9223372036854775808,1,"x",null]}',
    '{"a":"12345678901234567890"}',
    "[0.5,true,{}]",
  ];

  for (const text of texts) {
    it(`writes ${text} as it was read`, () => {
      for (const isExact of EXACT) assert.equal(writeJson(parseJson(text), isExact), text);
    });
  }

  it("leaves out what is undefined", () => {
    assert.equal(writeJson({ a: 1n, b: undefined }), '{"a":1}');
  });
});
