import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { State } from "../../crds/helm-release";
import { releaseStatuses, type ReleaseStatus } from "../release/record";
import type { Newest } from "../release/storage";
import { phaseOf, type Stance } from "./phase";

function recordIn(status: ReleaseStatus): Newest {
  const state = { driver: "Secret", revision: 2, uid: "u", resourceVersion: "7" } as const;
  const body = { name: "web", namespace: "shop", description: "", notes: "", manifest: "" };
  return { is: "record", state, record: { ...body, revision: 2, status } };
}

describe("phaseOf", () => {
  const cases: Record<ReleaseStatus, [stance: Stance, state: State]> = {
    deployed: ["lock", "Deployed"],
    unknown: ["stand down", "Unknown"],
    superseded: ["stand down", "Error"],
    uninstalling: ["stand down", "Transitioning"],
    "pending-install": ["stand down", "Transitioning"],
    "pending-upgrade": ["stand down", "Transitioning"],
    "pending-rollback": ["stand down", "Transitioning"],
    uninstalled: ["unlock", "Uninstalled"],
    failed: ["unlock", "Failed"],
  };

  for (const status of releaseStatuses) {
    const [stance, state] = cases[status];
    it(`says "${stance}" and ${state} of ${status}`, () => {
      const phase = phaseOf(recordIn(status));
      assert.deepEqual([phase.stance, phase.state], [stance, state]);
    });
  }

  it("locks in no phase but deployed", () => {
    const locking = releaseStatuses.filter(status => phaseOf(recordIn(status)).stance === "lock");
    assert.deepEqual(locking, ["deployed"]);
  });

  it("unlocks where there is no record", () => {
    const { stance, state } = phaseOf({ is: "missing" });
    assert.deepEqual([stance, state], ["unlock", "SecretNotFound"]);
  });

  it("stands down, and tells why, where the record can't be read", () => {
    const { stance, state, message } = phaseOf({ is: "unreadable", revision: 3, reason: "it is torn" });
    assert.deepEqual([stance, state, message], ["stand down", "Error", "it is torn"]);
  });

  it("tells which operation is under way", () => {
    assert.match(phaseOf(recordIn("pending-rollback")).message, /pending-rollback/);
  });

  it("gives every phase a reason that a condition may have, and a message", () => {
    const every: Newest[] = [...releaseStatuses.map(recordIn), { is: "missing" }];
    for (const { reason, message } of every.map(phaseOf)) {
      assert.match(reason, /^[A-Z][A-Za-z]*$/);
      assert.notEqual(message, "");
    }
  });
});
