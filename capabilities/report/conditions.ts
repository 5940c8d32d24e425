import type { Condition } from "../../crds/helm-release";

/** What a release's record, or its spec, says of whether it is locked. */
const STANCES = {
  Locked: "Every change that Helm did not make is reverted.",
  Transitioning: "A Helm operation is under way.",
  Failed: "Helm's last operation failed, so that what should be is unknown.",
  Uninstalled: "The release was uninstalled with its history kept.",
  SecretNotFound: "The release has no record.",
  Unknown: "Helm itself calls the state of the release unknown.",
  RecordError: "The newest record can't be read, or was changed since Helm wrote it.",
  InvalidSpec: "The spec can't be followed. A release that was locked before stays locked as it was.",
  Warn: "The mode is warn: what differs is told of, and not reverted.",
  Disabled: "The mode is disabled: nothing is watched.",
  Suspended: "The lock is suspended: nothing is looked at or written.",
} as const;

/** Every condition that the locker writes: what it is about, when it is there, and each of its reasons. */
export const CONDITIONS = {
  Ready: {
    about: "Whether the lock does what its spec says, and no object has a known problem.",
    reasons: {
      ...STANCES,
      PolicyOfAnother:
        "Locked as another HelmRelease of the same release asks for: the policy of the oldest one holds.",
      Problems:
        "Locked, but for what the message names, which is tried again; or something can't be watched.",
    },
  },
  Locked: { about: "Whether changes are reverted.", reasons: STANCES },
  Drifted: {
    about: "Whether objects differ and stand. Only there while drift is looked for.",
    reasons: {
      DriftDetected: "The message names the objects, as status.drift does.",
      NoDriftDetected: "No object differs from what its release wants.",
    },
  },
  Suspended: {
    about: "Only there while the lock is suspended.",
    reasons: { Suspended: "The message says until when, and why." },
  },
  Stalled: {
    about: "Only there while a Helm operation does not end.",
    reasons: { OperationStalled: "The operation was probably killed. The message says how to end it." },
  },
  FoughtOver: {
    about: "Only there while somebody changes objects again and again.",
    reasons: { ChangedAgain: "The message names the objects, and who changes them." },
  },
  Admission: {
    about:
      "Whether the API server itself warns of changes by hand, or refuses them. Only there where spec.admission asks for that, or while it still does.",
    reasons: {
      Deny: "Changes of the release's objects by hand are refused.",
      Warn: "Changes of the release's objects by hand are warned of.",
      Idle: "Nothing is judged: the lock is suspended, or there is nothing to lock.",
      NotSupported: "Kubernetes knows no ValidatingAdmissionPolicy: it is older than 1.30.",
      Failed: "The API server could not be told. The message says why.",
      TooLarge: "The release has too many objects for what the API server can be told.",
    },
  },
} as const;

/** The type of a condition. */
export type ConditionType = keyof typeof CONDITIONS;

/** A reason that a condition may have. */
export type ReasonOf<T extends ConditionType> = T extends ConditionType
  ? keyof (typeof CONDITIONS)[T]["reasons"]
  : never;

/** What a condition says. */
export interface Verdict<T extends ConditionType> extends Words<ReasonOf<T>> {
  readonly is: boolean;
}

/** A reason, for programs, and what people read. */
export interface Words<Reason> {
  readonly reason: Reason;
  readonly message: string;
}

/** How many bytes the message of a condition has at most. */
export const MAX_MESSAGE = 3_000;

/** Since when a condition has its status: as metav1.Time. @param known the conditions before @param now RFC 3339 */
export function since(
  { type, status }: Pick<Condition, "type" | "status">,
  known: readonly Condition[],
  now: string,
): string {
  const old = known.find(other => other.type === type);
  return old?.status === status ? (old?.lastTransitionTime ?? now) : now;
}
