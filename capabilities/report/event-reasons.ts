/** The reason of every Event, on what it is, and what it says. The first three are the original's. */
export const EVENT_REASONS = {
  Locked: { on: "the HelmRelease", says: "The release is locked, at which revision, and how many objects." },
  Transitioning: { on: "the HelmRelease", says: "A Helm operation is under way: nothing is reverted." },
  Untracked: { on: "the HelmRelease", says: "The release is no longer locked." },
  Reverted: {
    on: "the HelmRelease, and the object itself",
    says: "What was restored, and who had changed it; on the object also how to change it.",
  },
  Drifted: {
    on: "the HelmRelease",
    says: "In mode warn, a warning: what differs, and who has changed it.",
  },
  DriftResolved: {
    on: "the HelmRelease",
    says: "In mode warn: what differed is as the release has it again.",
  },
  Warn: { on: "the HelmRelease", says: "The mode is warn now." },
  Disabled: { on: "the HelmRelease", says: "The mode is disabled now." },
  Suspended: { on: "the HelmRelease", says: "The lock is suspended, until when, and why." },
} as const;

/** See {@link EVENT_REASONS}. */
export type EventReason = keyof typeof EVENT_REASONS;

/** Whether it is about what somebody should see to. */
export function isWarning(reason: EventReason): boolean {
  return reason === "Drifted";
}
