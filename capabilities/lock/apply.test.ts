import assert from "node:assert/strict";
import { it } from "node:test";
import type { JsonObject } from "../kube/object";
import { mergeOf } from "./apply";

it("merges no null where there is one", () => {
  const widget = (fields: JsonObject) => ({
    apiVersion: "tools.example.com/v1",
    kind: "Widget",
    metadata: { name: "web" },
    ...fields,
  });
  const list = [{ weight: null }];
  const live = widget({ top: null, struct: { weight: null, size: 1 }, list, gone: null });
  const payload = widget({ top: null, struct: { weight: null, size: null }, list, other: null });
  assert.deepEqual(mergeOf(payload, live), widget({ struct: { size: null }, list, other: null }));
  assert.deepEqual(mergeOf(payload, undefined), payload);
});
