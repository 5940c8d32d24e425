import type { State } from "../../crds/helm-release";
import type { ReleaseStatus } from "../release/record";
import type { Driver } from "../release/revisions";
import type { Newest } from "../release/storage";

/** What a lock does about its objects. */
export type Stance =
  /** Reverts what Helm did not make. */
  | "lock"
  /** Helm is at work, or its record cannot be read: writes nothing, keeps watching. */
  | "stand down"
  /** There is nothing to lock: writes nothing, watches nothing. */
  | "unlock";

/** A record whose manifest is not the one that was locked: Helm never rewrites a manifest, so somebody who can write Secrets did it. */
export interface Rewritten {
  readonly is: "rewritten";
  readonly driver: Driver;
  readonly revision: number;
}

/** Where a phase comes from: no record, a record that can't be believed, or Helm's status of the newest record. */
type Cause =
  | { readonly is: "missing" }
  | { readonly is: "unreadable"; readonly reason: string }
  | Rewritten
  | { readonly is: "record"; readonly status: ReleaseStatus };

/** What a release's newest record means for its lock. */
export interface Phase {
  readonly stance: Stance;
  readonly state: State;
  readonly cause: Cause;
}

/** State by Helm's status of the newest record. Source: rancher/helm-locker pkg/controllers/release/info.go. */
const PHASES: Record<ReleaseStatus, [Stance, State]> = {
  deployed: ["lock", "Deployed"],
  uninstalled: ["unlock", "Uninstalled"],
  failed: ["unlock", "Failed"],
  unknown: ["stand down", "Unknown"],
  superseded: ["stand down", "Error"],
  uninstalling: ["stand down", "Transitioning"],
  "pending-install": ["stand down", "Transitioning"],
  "pending-upgrade": ["stand down", "Transitioning"],
  "pending-rollback": ["stand down", "Transitioning"],
};

/** Whether a phase means that the release is uninstalled: one of its name begins anew. */
export function isGone({ cause }: Phase): boolean {
  return cause.is === "missing" || (cause.is === "record" && cause.status === "uninstalled");
}

/** What the newest record, as read, means for the lock. */
export function phaseOf(newest: Newest | Rewritten): Phase {
  switch (newest.is) {
    case "missing":
      return { stance: "unlock", state: "SecretNotFound", cause: { is: "missing" } };
    case "unreadable":
      return { stance: "stand down", state: "Error", cause: { is: "unreadable", reason: newest.reason } };
    case "rewritten":
      return { stance: "stand down", state: "Error", cause: newest };
    case "record": {
      const { status } = newest.record;
      const [stance, state] = PHASES[status];
      return { stance, state, cause: { is: "record", status } };
    }
  }
}
