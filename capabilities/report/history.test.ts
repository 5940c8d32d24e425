import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Entry } from "../state/history";
import { historyStatus, readHistory } from "./history";

const entry: Entry = {
  object: { kind: "ConfigMap", namespace: "demo", name: "shop" },
  operation: "Edited",
  fields: ["/data/a"],
  by: ["kubectl-edit"],
  action: "Reverted",
  tookMs: 5,
  values: [{ field: "/data/a", chart: "blue", live: undefined }],
  time: Date.UTC(2026, 0, 1),
  count: 2,
};

/** What is read where nothing is known. */
function readAnew(status: Parameters<typeof readHistory>[0]): Entry[] {
  return readHistory(status, [], { recordDiff: "Values" });
}

describe("a history in a status", () => {
  const bare = { ...entry, object: { kind: "Role", namespace: undefined, name: "a:b" }, tookMs: undefined };

  it("is read back as it was written", () => {
    assert.deepEqual(readAnew(historyStatus([entry, bare], { recordDiff: "Values" })), [entry, bare]);
  });

  it("has no more than the policy lets be recorded", () => {
    const [plain] = historyStatus([entry], { recordDiff: "Fields" });
    assert.deepEqual([plain?.fields, plain?.values], [["/data/a"], undefined]);
    const [none] = historyStatus([entry], { recordDiff: "None" });
    assert.deepEqual([none?.fields, none?.values], [[], undefined]);
  });

  const [written] = historyStatus([entry], { recordDiff: "Fields" });
  const odd = [
    { object: "nonsense" },
    { time: "soon" },
    { time: null },
    { count: 0 },
    { count: 1.5 },
    { operation: "Eaten" },
    { action: null },
    { fields: null },
    { tookMs: -1 },
  ];
  for (const change of odd)
    it(`is without an entry of ${JSON.stringify(change)}`, () => {
      assert.deepEqual(readAnew([{ ...written, ...change }]), []);
    });

  it("is at most 30 kB: values go first, then what is oldest", () => {
    const long = (length: number, letter = "x") => letter.repeat(length);
    const values = Array.from({ length: 10 }, () => ({ field: long(128), chart: long(64), live: long(64) }));
    const many = Array.from({ length: 20 }, (_, count) => ({ ...entry, count: count + 1, values }));
    const policy = { recordDiff: "Values" } as const;
    const withoutValues = historyStatus(many, policy);
    assert.deepEqual([withoutValues.length, withoutValues[0]?.values], [20, undefined]);
    const fields = Array.from({ length: 10 }, () => long(128, "ü"));
    const newest = historyStatus(
      many.map(one => ({ ...one, fields })),
      policy,
    );
    assert.ok(Buffer.byteLength(JSON.stringify(newest)) <= 30_000);
    assert.ok(newest.length >= 10 && newest[0]?.count === 1);
  });

  it("is empty where there is none", () => {
    assert.deepEqual([readAnew(undefined), readAnew(null)], [[], []]);
  });

  for (const recordDiff of ["Fields", "Values", "None"] as const) {
    it(`has what is known as it is known, as often as it says, with recordDiff ${recordDiff}`, () => {
      const other = { ...entry, by: ["mallory"], values: [] };
      const status = historyStatus([{ ...entry, count: 7 }, other], { recordDiff });
      const [known, added, ...more] = readHistory(status, [entry], { recordDiff });
      assert.deepEqual(known, { ...entry, count: 7 });
      assert.deepEqual([added?.by, more], [["mallory"], []]);
    });
  }
});
