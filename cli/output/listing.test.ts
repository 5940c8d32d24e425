import assert from "node:assert/strict";
import { PassThrough } from "node:stream";
import { text } from "node:stream/consumers";
import { afterEach, beforeEach, describe, it } from "node:test";
import { Listing, Table, type Shape } from "./listing";

interface Row {
  readonly name: string;
  readonly path: string;
}

const SHAPE: Shape<Row> = {
  columns: [
    { title: "NAME", text: ({ name }) => name },
    { title: "PATH", text: ({ path }) => path },
    { title: "AGE", text: () => "2d" },
  ],
  object: row => row,
  name: ({ name }) => name,
};

const ROWS = [
  { name: "shop", path: "/spec/template/spec/containers" },
  { name: "till", path: "/data" },
];

async function shown(
  output: "table" | "wide",
  screen: { isTTY?: boolean; columns?: number },
): Promise<string[]> {
  const stdout = Object.assign(new PassThrough(), screen);
  const listing = new Listing(SHAPE, { output, headers: true }, stdout);
  for (const row of ROWS) listing.add(row);
  listing.end();
  stdout.end();
  return (await text(stdout)).split("\n");
}

const PLAIN = [
  "NAME   PATH                             AGE",
  "shop   /spec/template/spec/containers   2d",
  "till   /data                            2d",
  "",
];

describe("a table", () => {
  const { NO_COLOR, TERM } = process.env;

  beforeEach(() => {
    Object.assign(process.env, { NO_COLOR: "", TERM: "xterm" });
  });

  afterEach(() => {
    Object.assign(process.env, { NO_COLOR: NO_COLOR ?? "", TERM: TERM ?? "" });
  });

  it("is plain text in a pipe, of any width", async () => {
    assert.deepEqual(await shown("table", {}), PLAIN);
    assert.deepEqual(await shown("table", { isTTY: false, columns: 20 }), PLAIN);
  });

  it("has bold titles on a terminal", async () => {
    const [title, ...rows] = await shown("table", { isTTY: true, columns: 80 });
    assert.equal(title, `\u{1B}[1m${PLAIN[0] ?? ""}\u{1B}[22m`);
    assert.deepEqual(rows, PLAIN.slice(1));
  });

  it("is plain text where NO_COLOR or a dumb terminal asks for it", async () => {
    for (const setting of [{ NO_COLOR: "1" }, { TERM: "dumb" }]) {
      Object.assign(process.env, { NO_COLOR: "", TERM: "xterm", ...setting });
      assert.deepEqual(await shown("table", { isTTY: true, columns: 80 }), PLAIN);
    }
  });

  it("cuts its widest column where the terminal is too narrow for it", async () => {
    process.env.NO_COLOR = "1";
    assert.deepEqual(await shown("table", { isTTY: true, columns: 30 }), [
      "NAME   PATH                AGE",
      "shop   /spec/template/s…   2d",
      "till   /data               2d",
      "",
    ]);
    for (let columns = 9; columns < 45; columns++)
      for (const line of await shown("table", { isTTY: true, columns })) assert.ok(line.length <= columns);
  });

  it("of 200,000 rows is no matter of minutes", () => {
    const row = { name: "shop", path: "/spec/template/spec/containers" };
    const table = new Table(SHAPE.columns, { isWide: false, hasHeaders: true });
    const start = performance.now();
    const lines = table.lines(Array.from({ length: 200_000 }, () => row));
    assert.equal(lines.length, 200_001);
    assert.ok(performance.now() - start < 10_000);
  });

  it("stands in columns though a terminal draws a character wide, or onto another", () => {
    const table = new Table(SHAPE.columns, { isWide: false, hasHeaders: false });
    const rows = ["店", "e\u0301", "🚀", "till"].map(name => ({ name, path: "/" }));
    assert.deepEqual(table.lines(rows), [
      "店     /   2d",
      "e\u0301      /   2d",
      "🚀     /   2d",
      "till   /   2d",
    ]);
  });

  it("is never cut in wide, nor on a terminal of unknown size", async () => {
    process.env.NO_COLOR = "1";
    assert.deepEqual(await shown("wide", { isTTY: true, columns: 30 }), PLAIN);
    assert.deepEqual(await shown("table", { isTTY: true, columns: 0 }), PLAIN);
  });
});
