import assert from "node:assert/strict";
import { it } from "node:test";
import { perObject } from "./per-object";

it("works a result out once for each object, even where it is nothing", () => {
  const seen: object[] = [];
  const work = perObject((given: object) => void seen.push(given));
  const [one, other] = [{}, {}];
  [one, other, one].forEach(work);
  assert.deepEqual(seen, [one, other]);
  assert.equal(seen[0], one);
});
