import type { State } from "../../crds/helm-release";
import type { ReleaseStatus } from "../release/record";
import type { Newest } from "../release/storage";

/** What a lock does about its objects. */
export type Stance =
  /** Reverts what Helm did not make. */
  | "lock"
  /** Helm is at work, or what it says cannot be read: writes nothing, keeps watching. */
  | "stand down"
  /** There is nothing to lock: writes nothing, watches nothing. */
  | "unlock";

/** What a release's newest record means for its lock. */
export interface Phase {
  readonly stance: Stance;
  readonly state: State;
  /** One CamelCase word, for conditions. */
  readonly reason: string;
  /** A sentence for the user: what is, and what would change it. */
  readonly message: string;
}

/** State by Helm's status of the newest record. Source: rancher/helm-locker pkg/controllers/release/info.go. */
const PHASES: Record<ReleaseStatus, Phase> = {
  deployed: {
    stance: "lock",
    state: "Deployed",
    reason: "Locked",
    message: "Every change that Helm did not make is reverted.",
  },
  uninstalled: {
    stance: "unlock",
    state: "Uninstalled",
    reason: "Uninstalled",
    message: "The release is uninstalled; it is locked again once it is installed.",
  },
  failed: {
    stance: "unlock",
    state: "Failed",
    reason: "Failed",
    message:
      "Helm's last operation failed, so that what should be is unknown; the next one that succeeds locks again.",
  },
  unknown: {
    stance: "stand down",
    state: "Unknown",
    reason: "Unknown",
    message: "Helm calls the state of the release unknown; the next operation that succeeds locks again.",
  },
  superseded: {
    stance: "stand down",
    state: "Error",
    reason: "RecordError",
    message:
      "The newest record of the release is superseded, which Helm never leaves: restore the record after it.",
  },
  uninstalling: transitioning("uninstalling"),
  "pending-install": transitioning("pending-install"),
  "pending-upgrade": transitioning("pending-upgrade"),
  "pending-rollback": transitioning("pending-rollback"),
};

function transitioning(status: ReleaseStatus): Phase {
  return {
    stance: "stand down",
    state: "Transitioning",
    reason: "Transitioning",
    message: `A Helm operation is under way (${status}); the release is locked again once it is deployed.`,
  };
}

/** What the newest record, as it was read, means for the lock. */
export function phaseOf(newest: Newest): Phase {
  switch (newest.is) {
    case "missing":
      return {
        stance: "unlock",
        state: "SecretNotFound",
        reason: "SecretNotFound",
        message: "The release has no record; it is locked once it is installed.",
      };
    case "unreadable":
      return { stance: "stand down", state: "Error", reason: "RecordError", message: newest.reason };
    case "record":
      return PHASES[newest.record.status];
  }
}
