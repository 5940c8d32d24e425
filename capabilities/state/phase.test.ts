import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { State } from "../../crds/helm-release";
import { releaseStatuses, type ReleaseStatus } from "../release/record";
import { recordIn } from "../release/example";
import { phaseOf, type Stance } from "./phase";

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

  it("stands down, and tells why, where the record can't be believed", () => {
    const unreadable = { is: "unreadable", revision: 3, reason: "it is torn" } as const;
    const rewritten = { is: "rewritten", revision: 3, driver: "Secret" } as const;
    for (const newest of [unreadable, rewritten]) {
      const { stance, state } = phaseOf(newest);
      assert.deepEqual([stance, state], ["stand down", "Error"]);
    }
    assert.deepEqual(phaseOf(unreadable).cause, { is: "unreadable", reason: "it is torn" });
  });
});
