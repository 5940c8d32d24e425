import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { releaseStatuses } from "../release/record";
import type { Newest } from "../release/storage";
import { recordIn } from "../release/example";
import { phaseOf } from "../state/phase";
import { phaseWords } from "./phase-words";

describe("phaseWords", () => {
  it("tells why a record can't be read", () => {
    const { message } = phaseWords(phaseOf({ is: "unreadable", revision: 3, reason: "it is torn" }));
    assert.equal(message, "it is torn");
  });

  it("tells which operation is under way", () => {
    assert.match(phaseWords(phaseOf(recordIn("pending-rollback"))).message, /pending-rollback/);
  });

  it("gives every phase a reason that a condition may have, and a message", () => {
    const every: Newest[] = [...releaseStatuses.map(recordIn), { is: "missing" }];
    for (const { reason, message } of every.map(newest => phaseWords(phaseOf(newest)))) {
      assert.match(reason, /^[A-Z][A-Za-z]*$/);
      assert.notEqual(message, "");
    }
  });
});
