import type { FlagName } from "./flags";
import type { Verb } from "./verb";

/** What all verbs take. */
const CLUSTER: readonly FlagName[] = ["context", "kubeconfig", "as", "registrationNamespace", "verbose"];
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
    flags: [...RELEASES, ...LIST, "detailedExitcode", "policy", "dryRun", "showSecrets", ...CLUSTER],
    load: async () => (await import("./verbs/drift")).drift,
  },
];
