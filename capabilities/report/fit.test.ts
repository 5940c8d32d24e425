import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { bytesOf, cutToBytes } from "./fit";

describe("cutToBytes", () => {
  for (const text of ["short", "", "äöü"])
    it(`leaves what fits: "${text}"`, () => {
      assert.equal(cutToBytes(text, 6), text);
    });

  const cases: [text: string, most: number, cut: string][] = [
    ["abcdefgh", 7, "abcd…"],
    ["üüüüü", 9, "üüü…"],
    ['"""""', 9, '"""…'],
    ["😀😀😀", 11, "😀😀…"],
    ["abc", 2, ""],
    ["", -5, ""],
    ["\ud800\ud800", 9, "\ud800…"],
  ];
  for (const [text, most, cut] of cases)
    it(`cuts ${JSON.stringify(text)} to ${most} bytes, between characters`, () => {
      const found = cutToBytes(text, most);
      assert.equal(found, cut);
      assert.ok(bytesOf(found) - 2 <= Math.max(0, most));
    });
});
