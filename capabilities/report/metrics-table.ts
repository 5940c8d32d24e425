/** Labels that say which release. */
const RELEASE = ["release_namespace", "release"] as const;

/** Every metric. */
export const METRICS = {
  reverts: {
    name: "helm_locker_reverts_total",
    help: "Changes to objects of locked releases that were reverted.",
    labelNames: [...RELEASE, "kind", "operation"],
  },
  drifts: {
    name: "helm_locker_drifts_total",
    help: "Changes to objects of releases in mode warn, which were told of and not reverted.",
    labelNames: [...RELEASE, "kind", "operation"],
  },
  detected: {
    name: "helm_locker_drift_detected_total",
    help: "Both of these, by the field manager that had made the change, counted once for each; unknown after a deletion. The first 50 managers are named, the rest is other.",
    labelNames: [...RELEASE, "kind", "operation", "manager"],
  },
  duration: {
    name: "helm_locker_revert_duration_seconds",
    help: "Seconds from when a change was seen to the answer to the write that reverted it.",
    labelNames: ["operation"],
  },
  releases: {
    name: "helm_locker_releases",
    help: "Releases that a HelmRelease names, by state.",
    labelNames: ["state"],
  },
  info: {
    name: "helm_locker_release_info",
    help: "1 for each of these: its state and mode, and whether every HelmRelease of it is ready (true, false, or unknown until that is known).",
    labelNames: [...RELEASE, "state", "mode", "ready"],
  },
  invalid: {
    name: "helm_locker_invalid_helm_releases",
    help: "1 for each HelmRelease whose spec can't be followed while none before it is in effect: it locks nothing.",
    labelNames: ["helm_release"],
  },
  drifted: {
    name: "helm_locker_drifted_objects",
    help: "Objects that differ from what their release wants, and stand so.",
    labelNames: RELEASE,
  },
  blocked: {
    name: "helm_locker_blocked_objects",
    help: "Objects of locked releases that are not put right, by the reason.",
    labelNames: [...RELEASE, "reason"],
  },
  fights: {
    name: "helm_locker_fights",
    help: "Objects that somebody changes again as often as that is reverted.",
    labelNames: RELEASE,
  },
  ignored: {
    name: "helm_locker_ignored_fields",
    help: "Fields that are left as they are, as a known controller may write them or the policy says so.",
    labelNames: RELEASE,
  },
  foreign: {
    name: "helm_locker_foreign_owned_fields",
    help: "Fields of the manifest that somebody but Helm owns: the next upgrade with Helm 4 may conflict on them.",
    labelNames: RELEASE,
  },
  formerForeign: {
    name: "helm_locker_foreign_fields",
    help: "The same under an older name.",
    labelNames: RELEASE,
  },
  suspended: {
    name: "helm_locker_suspended_until_timestamp_seconds",
    help: "When the suspension of a release ends, in seconds since 1970; +Inf where it does not end by itself. Absent where none is in effect.",
    labelNames: RELEASE,
  },
  stalled: {
    name: "helm_locker_operation_stalled",
    help: "1 where a Helm operation does not end, else 0.",
    labelNames: RELEASE,
  },
  rights: {
    name: "helm_locker_missing_rights",
    help: "Kinds of a release whose objects can't be restored as a right is missing, and its ServiceAccount if that can't write at all.",
    labelNames: RELEASE,
  },
  watches: {
    name: "helm_locker_watch_up",
    help: "1 where every watch of a kind sees what happens, else 0.",
    labelNames: ["group", "kind"],
  },
  restarts: {
    name: "helm_locker_watch_restarts_total",
    help: "Watches that see again after they were cut, or had failed.",
    labelNames: ["group", "kind"],
  },
  requests: {
    name: "helm_locker_api_requests_total",
    help: "Requests to the API server, by what was asked and the HTTP status code of the answer: none where no answer came.",
    labelNames: ["verb", "code"],
  },
  rank: {
    name: "helm_locker_rank",
    help: "How many other lockers that run come before it: 0 where it puts changes right at once and tells what is known. The gauges of releases are shown by that one alone.",
    labelNames: [],
  },
  length: {
    name: "helm_locker_queue_length",
    help: "Things to look at, each counted once: waiting, being looked at, or to be tried again.",
    labelNames: [],
  },
  due: {
    name: "helm_locker_queue_due",
    help: "Those of them that wait for their turn or are being looked at.",
    labelNames: [],
  },
  build: {
    name: "helm_locker_build_info",
    help: "1 for the version of the locker that runs.",
    labelNames: ["version", "nodejs"],
  },
} satisfies Record<string, { name: string; help: string; labelNames: readonly string[] }>;
