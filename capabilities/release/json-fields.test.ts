import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { fieldsOf } from "./json-fields";

const read = (json: string, ...names: string[]) => Object.fromEntries(fieldsOf(json, names));

describe("fields of a JSON object", () => {
  it("are those asked for, as their text", () => {
    const json = ' {"a" : 1, "b":"x\\"}," ,\n"c": {"a": [1, {"b": "]"}]}, "d":null}';
    assert.deepEqual(read(json, "a", "c", "d", "e"), {
      a: "1",
      c: '{"a": [1, {"b": "]"}]}',
      d: "null",
    });
    assert.deepEqual(read(json, "b"), { b: '"x\\"},"' });
    assert.deepEqual(read("{}", "a"), {});
  });

  it("are the last of those repeated", () => {
    assert.deepEqual(read('{"a":1,"a":2}', "a"), { a: "2" });
  });

  it("are what JSON.parse finds, whatever the object holds", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.nat({ max: 4 }), (object, indent) => {
        const json = JSON.stringify(object, null, indent);
        const plain = Object.keys(object).filter(name => JSON.stringify(name) === `"${name}"`);
        const found = [...fieldsOf(json, plain)].map(
          ([name, text]) => `${name} ${JSON.stringify(JSON.parse(text))}`,
        );
        assert.deepEqual(
          found,
          plain.map(name => `${name} ${JSON.stringify(object[name])}`),
        );
      }),
      { seed: 4, numRuns: 500 },
    );
  });

  it("are refused where the text is no object, or is cut", () => {
    const whole = '{"a":{"b":["c",1]},"d":true}';
    for (const json of ["", "null", "[]", '"a"', "{a:1}", '{"a"}', '{"a":}', '{"a":1 "b":2}', "{not json"]) {
      assert.throws(() => fieldsOf(json, ["a"]), SyntaxError, json);
    }
    for (let length = 0; length < whole.length; length++) {
      assert.throws(() => fieldsOf(whole.slice(0, length), ["a"]), SyntaxError);
    }
  });
});
