import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Json } from "../kube/object";
import { ListReader } from "./list-reader";

/** What a reader makes of a text that comes in pieces of so many bytes. */
function read(text: string, size: number): { list: Json; items: Json[]; bytes: number[] } {
  const items: Json[] = [];
  const bytes: number[] = [];
  const reader = new ListReader((item, length) => {
    items.push(item);
    bytes.push(length);
  });
  const all = Buffer.from(text);
  for (let at = 0; at < all.length; at += size) reader.write(all.subarray(at, at + size));
  return { list: reader.end(), items, bytes };
}

const head = '"kind":"ConfigMapList","metadata":{"resourceVersion":"7","continue":"x"}';
const texts: Record<string, string> = {
  "no items": `{${head},"items":[]}`,
  "null for items": `{${head},"items":null}`,
  "one item": `{${head},"items":[{"a":1}]}`,
  "several items, the metadata last": `{"items":[{"a":[1,[2]]},{"b":{"c":{}}}],${head}}`,
  "white space and line breaks": `{ ${head} ,\n "items" : [ {"a": 1} ,\n {"b": 2} ]\n}\n`,
  "brackets, quotes and escapes in strings": `{${head},"items":[{"a":"]}\\"}\\\\"},{"\\"{[":"\\\\\\""}]}`,
  "characters of several bytes": `{${head},"items":[{"ä":"日本語 🙂"}]}`,
  "lists within items that are called items": `{${head},"items":[{"items":[{"items":[{}]}]}]}`,
  "items of the metadata": `{"metadata":{"items":[{"a":1}]},"items":[{"b":2}]}`,
  "another list before its items": `{"others":[{"a":1}],"items":[{"b":2}]}`,
  "a key that only ends like items": `{"x,\\"items":[{"a":1}],"items":[{"b":2}]}`,
};

describe("ListReader", () => {
  for (const [what, text] of Object.entries(texts)) {
    it(`reads ${what}, in pieces of any size`, () => {
      const whole = JSON.parse(text) as { items: Json[] | null };
      for (let size = 1; size <= text.length; size++) {
        const { list, items, bytes } = read(text, size);
        assert.deepEqual(items, whole.items ?? []);
        assert.deepEqual(list, { ...whole, items: whole.items && [] });
        assert.equal(bytes.length, items.length);
      }
    });
  }

  it("passes on an item as soon as it is complete, and keeps nothing of it", () => {
    const items: Json[] = [];
    const reader = new ListReader(item => items.push(item));
    reader.write(Buffer.from('{"kind":"L","items":[{"a":1},{"b"'));
    assert.deepEqual(items, [{ a: 1 }]);
    reader.write(Buffer.from(":2}"));
    assert.deepEqual(items, [{ a: 1 }, { b: 2 }]);
    reader.write(Buffer.from("]}"));
    assert.deepEqual(reader.end(), { kind: "L", items: [] });
  });

  it("tells how many bytes an item had", () => {
    assert.deepEqual(read('{"items":[ {"a":"ä"} , {} ]}', 3).bytes, [10, 2]);
  });

  it("keeps long integers", () => {
    assert.deepEqual(read('{"items":[{"a":12345678901234567890}]}', 5).items, [{ a: 12345678901234567890n }]);
  });

  it("reads what is no list", () => {
    const { list, items } = read('{"kind":"Status","code":404}', 4);
    assert.deepEqual([list, items], [{ kind: "Status", code: 404 }, []]);
  });

  it("refuses a list that is cut short, and what is no JSON", () => {
    for (const text of ['{"items":[{"a":1}', '{"items":[{"a":1}]', "", "<html>", '{"items":[{a}]}'])
      assert.throws(() => read(text, 4), SyntaxError);
  });
});
