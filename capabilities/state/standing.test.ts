import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { governing, PLAIN, type Standing } from "./standing";

describe("governing", () => {
  const byPolicy = { ...PLAIN, isByPolicy: true };
  const spec = { serviceAccountName: "tenant" };
  const cases: [what: string, asked: Record<string, Standing>, governor: string, isUnnamed: boolean][] = [
    ["the oldest one holds", { b: { ...PLAIN, since: "1" }, a: { ...PLAIN, since: "2" } }, "b", false],
    ["of one age, the first name", { b: PLAIN, a: PLAIN }, "a", false],
    ["a handmade one, however old a policy's is", { b: byPolicy, c: { ...PLAIN, since: "9" } }, "c", false],
    ["a policy's alone names nobody's release", { b: byPolicy }, "b", true],
    ["a policy's, with a ServiceAccount that bounds it", { b: { ...byPolicy, spec } }, "b", false],
  ];
  for (const [what, asked, governor, isUnnamed] of cases)
    it(`says which HelmRelease's policy holds: ${what}`, () => {
      const found = governing(new Map(Object.entries(asked)));
      assert.deepEqual([found.governor, found.isUnnamed], [governor, isUnnamed]);
    });
});
