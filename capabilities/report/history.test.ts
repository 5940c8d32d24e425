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

describe("a history in a status", () => {
  const bare = { ...entry, object: { kind: "Role", namespace: undefined, name: "a:b" }, tookMs: undefined };

  it("is read back as it was written", () => {
    assert.deepEqual(readHistory(historyStatus([entry, bare], { recordDiff: "Values" })), [entry, bare]);
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
      assert.deepEqual(readHistory([{ ...written, ...change }]), []);
    });

  it("is empty where there is none", () => {
    assert.deepEqual([readHistory(undefined), readHistory(null)], [[], []]);
  });
});
