import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Turns, type Turn } from "./turns";

/** Turns for eight workers, and what begins, by name. */
function makeTurns() {
  const turns = new Turns<Turn>(8);
  const begun: Turn[] = [];
  const add = (group: string, count: number) => {
    for (let index = 0; index < count; index++)
      turns.add({ request: { controller: "object", group, name: `${group}${index}` }, isSlow: false });
  };
  const begin = () => {
    const names: string[] = [];
    for (let turn = turns.next(); turn; turn = turns.next()) {
      begun.push(turn);
      names.push(turn.request.group);
    }
    return names.sort().join("");
  };
  const of = (group: string) => begun.filter(({ request }) => request.group === group);
  return { turns, add, begin, of, begun };
}

describe("Turns", () => {
  it("leaves workers to others, however much a group has to do", () => {
    const { add, begin } = makeTurns();
    add("a", 20);
    assert.equal(begin(), "aaaaa");
    add("b", 1);
    assert.equal(begin(), "b");
  });

  it("gives a large group three workers", () => {
    const { add, begin } = makeTurns();
    add("a", 60);
    assert.equal(begin(), "aaa");
  });

  it("gives all workers to others once what runs takes long, beside more of its group", () => {
    const { turns, add, begin, of } = makeTurns();
    add("a", 20);
    begin();
    for (const turn of of("a")) turns.detain(turn);
    for (const group of ["b", "c"]) add(group, 20);
    assert.equal(begin(), "aaaaabbbbcccc");
  });

  it("gives groups in which something takes long as many workers together as all others", () => {
    const { turns, add, begin, of } = makeTurns();
    const slow = ["a", "b", "c", "d", "e", "f", "g", "h"];
    for (const group of slow) add(group, 20);
    assert.equal(begin(), "abcdefgh");
    for (const group of slow) for (const turn of of(group)) turns.detain(turn);
    assert.equal(begin(), "abcdefgh");
    assert.equal(begin(), "");
    add("z", 20);
    assert.equal(begin(), "zzzzz");
  });

  it("lets what hangs take no more than its share, of one group or of many", () => {
    const { turns, add, begin, of } = makeTurns();
    const groups = ["a", "b", "c", "d"];
    const hang = () => {
      for (const group of groups) for (const turn of of(group)) turns.detain(turn);
    };
    add("a", 60);
    for (let round = 0; round < 10; round++) {
      begin();
      hang();
    }
    assert.equal(of("a").length, 12 + 5);
    for (const group of groups.slice(1)) add(group, 60);
    for (let round = 0; round < 10; round++) {
      begin();
      hang();
    }
    assert.equal(turns.running, 24 + 8);
    add("z", 1);
    assert.equal(begin(), "z");
  });

  it("gives what took long the last time two workers of a group, and four of all", () => {
    const { turns, add, begin, of } = makeTurns();
    const groups = ["a", "b", "c"];
    for (const group of groups) add(group, 5);
    while (begin() !== "") {
      for (const group of groups)
        for (const turn of of(group)) {
          turns.detain(turn);
          turns.end(turn, true);
        }
    }
    for (const group of groups) for (const turn of of(group)) turns.add(turn);
    assert.equal(begin(), "aabc");
    add("a", 5);
    assert.equal(begin(), "aaa");
  });

  it("forgets that something took long once it does no longer", () => {
    const { turns, add, begin, of } = makeTurns();
    add("a", 3);
    begin();
    for (const turn of of("a")) {
      turns.detain(turn);
      turns.end(turn, true);
      turns.add(turn);
    }
    assert.equal(begin(), "aa");
    for (const turn of of("a").slice(-2)) turns.end(turn, false);
    assert.equal(begin(), "a");
    assert.equal(turns.running, 1);
  });

  it("lets what something has happened to go first, and what can wait have every fourth turn", () => {
    const { turns, begin, begun } = makeTurns();
    const add = (group: string, canWait: boolean) => {
      turns.add({ request: { controller: "object", group, name: group, canWait }, isSlow: false });
    };
    const groups = Array.from({ length: 20 }, (_, index) => String(index));
    for (const group of groups) add(`later ${group}`, true);
    for (const group of groups) add(`first ${group}`, false);
    begin();
    const kinds = begun.map(({ request }) => request.group.split(" ")[0]);
    assert.deepEqual(kinds, ["later", "first", "first", "first", "later", "first", "first", "first"]);
  });

  it("takes back what waits for its turn", () => {
    const { turns, add, begin } = makeTurns();
    const turn: Turn = { request: { controller: "object", group: "b", name: "b" }, isSlow: false };
    turns.add(turn);
    add("a", 2);
    turns.withdraw(turn);
    assert.equal(begin(), "aa");
  });

  it("looks at no group in vain while all workers are busy, and something takes long", () => {
    const { turns, add, begin, of } = makeTurns();
    add("slow", 1);
    begin();
    for (const turn of of("slow")) turns.end(turn, true);
    for (let index = 0; index < 10_000; index++) add(`group ${index} `, 1);
    begin();
    const started = performance.now();
    for (let asked = 0; asked < 10_000; asked++) assert.equal(turns.next(), undefined);
    assert.ok(performance.now() - started < 1_000);
  });
});
