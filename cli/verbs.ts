import type { FlagName } from "./flags";
import type { Verb } from "./verb";

/** What all verbs take. */
const OTHERS: readonly FlagName[] = ["kubeconfig", "as", "registrationNamespace", "verbose"];
const CLUSTER: readonly FlagName[] = ["context", ...OTHERS];
/** What verbs take that can be about several clusters. */
const CLUSTERS: readonly FlagName[] = ["contexts", ...OTHERS];
const LIST: readonly FlagName[] = ["output", "headers"];
const RELEASES: readonly FlagName[] = ["namespace", "allNamespaces", "selector"];

/** Every verb, in the order of the help. */
export const VERBS: readonly Verb[] = [
  {
    name: "drift",
    args: "[RELEASE]",
    summary: "Show what differs from what Helm installed",
    about:
      "Needs no operator and writes nothing. Fields are in the notation of spec.driftDetection.ignore; -o wide shows them whole.",
    examples: [
      ["What differs of all releases", "$ drift -A"],
      ["Fail a pipeline if a release has drifted", "$ drift shop -n demo --detailed-exitcode"],
      ["Several clusters in one table", "$ drift -A --context 'prod-*'"],
    ],
    flags: [...RELEASES, ...LIST, "detailedExitcode", "policy", "dryRun", "showSecrets", ...CLUSTERS],
    load: async () => (await import("./verbs/drift")).drift,
  },
  {
    name: "conflicts",
    args: "[RELEASE]",
    summary: "Show the fields of a chart that others own, for which Helm 4 refuses to upgrade",
    about:
      "Writes nothing, and asks for no more than reading. REFUSED is now where the live value is another one than the chart's; otherwise, an upgrade is refused once the chart changes the field.",
    examples: [
      ["What the next upgrade of a release is refused for, and the ways out", "$ conflicts shop -n demo"],
      ["All releases that Helm 4 has installed", "$ conflicts -A"],
    ],
    flags: [...RELEASES, ...LIST, "showSecrets", ...CLUSTERS],
    load: async () => (await import("./verbs/conflicts")).conflicts,
  },
  {
    name: "plan",
    args: "RELEASE",
    summary: "Show what a lock of a release would do, and which rights the operator would lack",
    about:
      "Writes nothing: what a lock would write is tried by dry runs, which tell what the API server refuses. By the policy of its HelmRelease, where there is one, and what its lock remembers; by a spec with -f. To be told of the rights of the operator's ServiceAccount, you need the right to create subjectaccessreviews.",
    examples: [
      ["Before locking a release", "$ plan shop -n demo"],
      ["Try a policy", "$ plan shop -n demo -f policy.yaml"],
    ],
    flags: [
      "namespace",
      "filename",
      "mode",
      "serviceAccount",
      ...LIST,
      "policy",
      "dryRun",
      "showSecrets",
      ...CLUSTERS,
    ],
    load: async () => (await import("./verbs/plan")).plan,
  },
  {
    name: "explain",
    args: "KIND[/NAME] [NAME]",
    summary: "Show which release holds an object, and for each field whether it is locked, and why not",
    about:
      "KIND is written as kubectl takes it. Fields are those of the chart, and what others have added. LAST WRITER is the field manager that has last written to the object of those that own the field.",
    examples: [
      ["Why a field does not go back", "$ explain deployment/shop -n demo"],
      ["Fields whole, for spec.driftDetection.ignore", "$ explain deploy shop -n demo -o wide"],
    ],
    flags: ["namespace", ...LIST, "policy", "dryRun", "showSecrets", ...CLUSTER],
    load: async () => (await import("./verbs/explain")).explain,
  },
  {
    name: "lock",
    args: "RELEASE",
    summary: "Lock a release, or change how it is locked",
    about:
      "Makes a HelmRelease with the release's name, or NAME.NAMESPACE where that is taken, and returns at once. A release that is not installed yet is locked once it is: that is only warned of. If the release is locked already, --mode and -f change the HelmRelease whose policy holds: each field that is given is replaced as a whole, the others stay. --mode has precedence over the file.",
    examples: [
      ["Revert every change that Helm does not make", "$ lock shop -n demo"],
      ["Only tell of changes", "$ lock shop -n demo --mode warn"],
      ["With a policy", "$ lock shop -n demo -f policy.yaml"],
    ],
    flags: ["namespace", "mode", "filename", ...CLUSTER],
    load: async () => (await import("./verbs/lock")).lock,
  },
  {
    name: "unlock",
    args: "RELEASE",
    summary: "Unlock a release",
    about:
      "Deletes its HelmRelease. The objects of the release stay as they are. Where several HelmReleases lock it, it is refused without --with-others.",
    examples: [["Unlock a release", "$ unlock shop -n demo"]],
    flags: ["namespace", "withOthers", ...CLUSTER],
    load: async () => (await import("./verbs/unlock")).unlock,
  },
  {
    name: "status",
    args: "[RELEASE]",
    summary: "Show what is locked, and how",
    about:
      "A row for each HelmRelease. With --watch, a terminal is redrawn in place; a pipe gets each row that changes.",
    examples: [
      ["The locks of all namespaces", "$ status -A"],
      ["Follow one of them", "$ status shop -n demo -w"],
      ["Several clusters in one table", "$ status -A --context 'prod-*'"],
    ],
    flags: ["namespace", "allNamespaces", "watch", ...LIST, ...CLUSTERS],
    load: async () => (await import("./verbs/status")).status,
  },
  {
    name: "history",
    args: "RELEASE",
    summary: "Show what was changed of a release, and what the locker did about it",
    about:
      "The last 20 changes that Helm did not make, the newest first. With --watch, a terminal is redrawn in place; a pipe gets each change as it is told, from the oldest on.",
    examples: [
      ["The last changes", "$ history shop -n demo"],
      ["Follow them", "$ history shop -n demo -w"],
    ],
    flags: ["namespace", "watch", ...LIST, ...CLUSTER],
    load: async () => (await import("./verbs/history")).history,
  },
  {
    name: "suspend",
    args: "[RELEASE]",
    summary: "Suspend the lock of a release for a while, or of all",
    about:
      "While it is suspended, nothing is looked at or written. It acts on the HelmRelease whose policy holds, the oldest, and waits until the locker has followed, and the API server refuses nothing any more: exit code 1 if that is not so within 5 s; what helps without a locker is printed. With --all, what is suspended for longer stays so.",
    examples: [
      ["For an hour", "$ suspend shop -n demo --reason INC-4711"],
      ["Until it is resumed", "$ suspend shop -n demo --forever"],
      ["Every lock of the cluster", "$ suspend --all --for 30m"],
    ],
    flags: ["namespace", "for", "forever", "reason", "all", ...CLUSTER],
    load: async () => (await import("./verbs/suspend")).suspend,
  },
  {
    name: "resume",
    args: "[RELEASE]",
    summary: "End the suspension of a lock, or of all",
    about: "What has drifted meanwhile is reverted.",
    examples: [
      ["Lock it again", "$ resume shop -n demo"],
      ["All that are suspended", "$ resume --all"],
    ],
    flags: ["namespace", "all", ...CLUSTER],
    load: async () => (await import("./verbs/suspend")).resume,
  },
  {
    name: "wait",
    args: "RELEASE",
    summary: "Wait until a lock is as it should be",
    about:
      "locked: every object is locked, and nothing stands against it; no-drift: no object differs; suspended: nothing is looked at. Exit code 1, with what stands against it, if the time is over first or the HelmRelease is deleted.",
    examples: [
      ["After lock", "$ wait shop -n demo --for locked"],
      ["In mode warn", "$ wait shop -n demo --for no-drift --timeout 10m"],
    ],
    flags: ["namespace", "state", "timeout", ...CLUSTER],
    load: async () => (await import("./verbs/wait")).wait,
  },
  {
    name: "completion",
    args: "SHELL",
    summary: "Print what makes bash, zsh or fish complete the command",
    about:
      "As a plugin, the command needs nothing of this: Helm's and kubectl's own completion knows it (helm completion, kubectl completion).",
    examples: [
      ["In ~/.bashrc", "source <($ completion bash)"],
      ["In ~/.zshrc", "source <($ completion zsh)"],
      ["In ~/.config/fish/config.fish", "$ completion fish | source"],
    ],
    flags: [],
    load: async () => (await import("./verbs/completion")).completion,
  },
];
