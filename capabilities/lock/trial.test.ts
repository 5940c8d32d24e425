import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { beginTrial, continueTrial, isOver, withheldBy } from "./trial";

/** Searches among places, of which some can't be repaired. */
function search(places: readonly string[], unfit: readonly string[]) {
  let trial = beginTrial(places);
  const repaired: string[] = [];
  while (!isOver(trial)) {
    assert.deepEqual(
      places.filter(place => !withheldBy(trial).includes(place) && !repaired.includes(place)),
      trial.current,
    );
    const isRefused = trial.current.some(place => unfit.includes(place));
    if (!isRefused) repaired.push(...trial.current);
    trial = continueTrial(trial, isRefused);
  }
  return { refused: trial.refused, repaired, tries: trial.tries };
}

const many = Array.from({ length: 64 }, (_, index) => `/data/${index}`);

describe("a trial", () => {
  it("needs no try for one place", () => {
    assert.deepEqual(search(["/a"], ["/a"]), { refused: ["/a"], repaired: [], tries: 0 });
  });

  it("needs one try for two places of which one is refused, and does not try that again", () => {
    assert.deepEqual(search(["/a", "/b"], ["/b"]), { refused: ["/b"], repaired: ["/a"], tries: 1 });
  });

  it("finds all that can be repaired", () => {
    const { refused, repaired } = search(["/a", "/b", "/c", "/d", "/e"], ["/b", "/e"]);
    assert.deepEqual(refused, ["/b", "/e"]);
    assert.deepEqual(repaired.sort(), ["/a", "/c", "/d"]);
  });

  it("finds one place among many", () => {
    assert.deepEqual(search(many, ["/data/40"]).refused, ["/data/40"]);
  });

  it("repairs nothing where only all together can be", () => {
    const places = ["/a", "/b"];
    assert.deepEqual(search(places, places).refused, places);
  });

  it("gives up in time", () => {
    const { refused, tries } = search(many, many);
    assert.equal(tries, 12);
    assert.equal(refused.length, 64);
  });
});
