import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { History, type Change } from "./history";

const change: Change = {
  object: { kind: "ConfigMap", namespace: "demo", name: "shop" },
  operation: "Edited",
  fields: ["/data/a"],
  by: ["kubectl-edit"],
  action: "Reverted",
  tookMs: 5,
  values: [],
};

function byHand(hand: number): Change {
  return { ...change, by: [`hand-${hand}`] };
}

describe("History", () => {
  it("has the newest change first, and counts one that has happened before", () => {
    const history = new History();
    history.note(change, 1);
    history.note(byHand(1), 2);
    history.note({ ...change, tookMs: 7 }, 3);
    assert.deepEqual(
      history.entries.map(({ by, count, time, tookMs }) => [by[0], count, time, tookMs]),
      [
        ["kubectl-edit", 2, 3, 7],
        ["hand-1", 1, 2, 5],
      ],
    );
  });

  const others: Partial<Change>[] = [
    { object: { ...change.object, name: "other" } },
    { operation: "Added" },
    { fields: ["/data/b"] },
    { by: [] },
    { action: "Blocked" },
  ];
  for (const other of others)
    it(`tells apart what differs in ${Object.keys(other).join()}`, () => {
      const history = new History();
      history.note(change, 1);
      assert.equal(history.has({ ...change, ...other }), false);
      history.note({ ...change, ...other }, 2);
      assert.equal(history.entries.length, 2);
    });

  it("is bounded: in changes, fields, names, and the length of each", () => {
    const history = new History();
    for (let hand = 0; hand < 30; hand++) history.note(byHand(hand), hand);
    const long = "/x".repeat(1_000);
    const fields = Array.from({ length: 1_000 }, (_, index) => `/${index}${long}`);
    const by = fields;
    history.note({ ...change, fields, by }, 99);
    assert.equal(history.entries.length, 20);
    assert.ok(JSON.stringify(history.entries[0]).length < 3_000);
    assert.equal(history.has({ ...change, fields, by }), true);
  });

  it("takes over what was remembered elsewhere: of the same change, the last time and the highest count", () => {
    const history = new History();
    history.note(change, 5);
    history.recall([
      { ...change, time: 4, count: 9 },
      { ...byHand(1), time: 6, count: 2 },
    ]);
    assert.deepEqual(
      history.entries.map(({ time, count }) => [time, count]),
      [
        [6, 2],
        [5, 9],
      ],
    );
  });
});
