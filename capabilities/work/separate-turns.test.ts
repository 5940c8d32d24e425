import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { ControllerName } from "./controller";
import { SeparateTurns } from "./separate-turns";
import type { Turn } from "./turns";

/** Turns for eight workers and four tellers, and what begins, by name. */
function makeTurns() {
  const turns = new SeparateTurns<Turn>({ workers: 8, tellers: 4 });
  const begun: Turn[] = [];
  const add = (controller: ControllerName, groups: string) => {
    for (const group of groups) turns.of(of(controller, group)).add(of(controller, group));
  };
  const begin = () => {
    const names: string[] = [];
    for (let turn = turns.next(); turn; turn = turns.next()) {
      begun.push(turn);
      names.push(turn.request.group);
    }
    return names.join("");
  };
  return { turns, add, begin, begun };
}

function of(controller: ControllerName, group: string): Turn {
  return { request: { controller, group, name: group }, isSlow: false };
}

describe("what only tells people", () => {
  it("keeps nothing waiting that is to be put right, and runs beside it", () => {
    const { turns, add, begin, begun } = makeTurns();
    add("status", "pqr");
    add("event", "stu");
    add("object", "abcdefghij");
    assert.equal(begin(), "abcdefghpqrs");
    const [teller] = begun.slice(-1);
    if (teller) turns.of(teller).end(teller, false);
    assert.equal(begin(), "t");
    assert.equal(turns.running, 12);
  });

  it("keeps nothing waiting either once it hangs", () => {
    const { turns, add, begin, begun } = makeTurns();
    add("status", "ABCDEFGHIJKLMNOPQRSTUVWXYZ");
    for (let round = 0; round < 10; round++) {
      begin();
      for (const turn of begun) turns.of(turn).detain(turn);
    }
    const object = of("object", "a");
    turns.of(object).add(object);
    assert.equal(begin(), "a");
    turns.of(object).detain(object);
    turns.of(object).end(object, true);
    turns.of(object).add(object);
    assert.equal(begin(), "a");
  });
});
