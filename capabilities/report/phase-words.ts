import type { ReleaseStatus } from "../release/record";
import type { Phase } from "../state/phase";
import type { ReasonOf } from "./conditions";

/** The name of a phase in a condition, as one CamelCase word, and what a user should know: what is, and what would change it. */
interface PhaseWords {
  readonly reason: ReasonOf<"Locked">;
  readonly message: string;
}

const WORDS: Record<ReleaseStatus, PhaseWords> = {
  deployed: { reason: "Locked", message: "Every change that Helm did not make is reverted." },
  uninstalled: {
    reason: "Uninstalled",
    message: "The release is uninstalled; it is locked again once it is installed.",
  },
  failed: {
    reason: "Failed",
    message:
      "Helm's last operation failed, so that what should be is unknown; the next one that succeeds locks again.",
  },
  unknown: {
    reason: "Unknown",
    message: "Helm calls the state of the release unknown; the next operation that succeeds locks again.",
  },
  superseded: {
    reason: "RecordError",
    message:
      "The newest record of the release is superseded, which Helm never leaves: restore the record after it.",
  },
  uninstalling: transitioning("uninstalling"),
  "pending-install": transitioning("pending-install"),
  "pending-upgrade": transitioning("pending-upgrade"),
  "pending-rollback": transitioning("pending-rollback"),
};

function transitioning(status: ReleaseStatus): PhaseWords {
  return {
    reason: "Transitioning",
    message: `A Helm operation is under way (${status}); the release is locked again once it is deployed.`,
  };
}

/** The name of a phase, and what a user should know about it. */
export function phaseWords({ cause }: Phase): PhaseWords {
  switch (cause.is) {
    case "missing":
      return {
        reason: "SecretNotFound",
        message: "The release has no record; it is locked once it is installed.",
      };
    case "unreadable":
      return { reason: "RecordError", message: cause.reason };
    case "rewritten":
      return {
        reason: "RecordError",
        message:
          `the manifest in the ${cause.driver} of revision ${cause.revision} was changed, which Helm never does: ` +
          "restore it, or let helm upgrade or rollback make a new revision",
      };
    case "record":
      return WORDS[cause.status];
  }
}
