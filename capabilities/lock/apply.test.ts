import assert from "node:assert/strict";
import { it } from "node:test";
import { withoutNulls } from "./apply";

it("merges no null where there is one", () => {
  const live = { struct: { weight: null, size: 1 }, list: [{ weight: null }], gone: null };
  const payload = { struct: { weight: null, size: null }, list: [{ weight: null }], other: null };
  assert.deepEqual(withoutNulls(payload, live), {
    struct: { size: null },
    list: [{ weight: null }],
    other: null,
  });
});
