import assert from "node:assert/strict";
import { test } from "node:test";
import type { LogLine } from "../locker/process";
import { sentenceOf } from "./live";

const release = "demo/shop";
const object = "ConfigMap demo/shop";

const CASES: [LogLine, string | undefined][] = [
  [
    { message: "reverted", object, operation: "apply", fields: ["/data/a", "/data/b"], by: ["kubectl-edit"] },
    "ConfigMap demo/shop was changed by kubectl-edit: restored /data/a, /data/b",
  ],
  [
    { message: "reverted", object, operation: "apply", fields: ["/data/a"], by: [] },
    "ConfigMap demo/shop was changed: restored /data/a",
  ],
  [
    { message: "reverted", object, operation: "create", fields: [], by: [] },
    "ConfigMap demo/shop was deleted: created again",
  ],
  [
    { message: "release is Deployed", release, revision: 3, stance: "lock" },
    "demo/shop is locked at revision 3",
  ],
  [
    { message: "release is Transitioning", release, revision: 4, stance: "stand down" },
    "Helm is at work on demo/shop: standing down",
  ],
  [{ message: "release is Uninstalled", release, stance: "unlock" }, "demo/shop is not locked"],
  [
    { message: "HelmRelease no longer locks", helmRelease: "shop", release, stillLocked: false },
    "HelmRelease shop no longer locks demo/shop: its objects stay as they are",
  ],
  [
    { message: "can't put an object right yet", level: "warn", release, object, problem: "it is immutable" },
    "can't put an object right yet: it is immutable",
  ],
  [{ message: "ready", level: "info", component: "start" }, undefined],
];

for (const [line, sentence] of CASES) {
  test(`${line.message}: ${sentence ?? "no news"}`, () => {
    assert.equal(sentenceOf(line), sentence);
  });
}
