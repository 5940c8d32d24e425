import assert from "node:assert/strict";
import { PassThrough } from "node:stream";
import { describe, it } from "node:test";
import { Live } from "./live";
import type { Shape } from "./listing";

interface Row {
  readonly name: string;
  readonly mode: string;
}

const shape: Shape<Row> = {
  columns: [
    { title: "NAME", text: ({ name }) => name },
    { title: "MODE", text: ({ mode }) => mode },
  ],
  object: row => row,
  name: ({ name }) => name,
};

const shop = { name: "shop", mode: "warn" };
const cart = { name: "cart", mode: "enabled" };
const UP = "\u{1B}[3A\u{1B}[J";

class Screen extends PassThrough {
  readonly isTTY = true;
  constructor(
    readonly rows: number,
    readonly columns: number,
  ) {
    super({ encoding: "utf8" });
  }
}

function written(stream: PassThrough): string {
  return String(stream.read() ?? "");
}

function screen(rows: number, columns: number) {
  const stream = new Screen(rows, columns);
  const live = new Live(shape, { output: "table", headers: true }, stream);
  return { stream, live };
}

describe("rows that change", () => {
  it("are drawn over what stands on a terminal, if they differ", () => {
    const { stream, live } = screen(24, 80);
    live.show([cart, shop], [cart, shop], []);
    assert.equal(written(stream), "\u{1B}[JNAME   MODE\ncart   enabled\nshop   warn\n");
    live.show([cart, shop], [], []);
    assert.equal(written(stream), "");
    live.show([cart], [], ["warning: away"]);
    assert.equal(written(stream), `${UP}NAME   MODE\ncart   enabled\nwarning: away\n`);
  });

  it("are no more than a terminal holds", () => {
    const { stream, live } = screen(4, 9);
    live.show([cart, shop, shop, shop], [], []);
    assert.equal(written(stream), "\u{1B}[JNA…   M…\nca…   e…\n… and 3 \n");
  });

  it("are cut in the middle of a line, as a table that does not change", () => {
    const { stream, live } = screen(24, 12);
    live.show([cart], [cart], []);
    assert.equal(written(stream), "\u{1B}[JNAME   MODE\ncart   ena…\n");
  });

  it("are all shown on a terminal of unknown size", () => {
    const { stream, live } = screen(0, 0);
    live.show([cart, shop], [], []);
    assert.equal(written(stream), "\u{1B}[JNAME   MODE\ncart   enabled\nshop   warn\n");
  });

  it("are appended in a pipe, each as it changes, in the columns of the first", () => {
    const stream = new PassThrough({ encoding: "utf8" });
    const live = new Live(shape, { output: "table", headers: true }, stream);
    live.show([cart, shop], [cart, shop], []);
    live.show([cart, shop], [], ["warning: away"]);
    live.show([cart, shop], [{ name: "shop", mode: "disabled" }], []);
    assert.equal(written(stream), "NAME   MODE\ncart   enabled\nshop   warn\nshop   disabled\n");
  });

  it("are appended as JSON even on a terminal", () => {
    const stream = new Screen(24, 80);
    const live = new Live(shape, { output: "json", headers: true }, stream);
    live.show([cart], [cart], []);
    live.show([cart], [cart], []);
    assert.equal(written(stream), `${JSON.stringify(cart)}\n`.repeat(2));
  });
});
