/** Formats of an output. */
export const OUTPUTS = ["table", "wide", "json", "yaml", "name"] as const;

/** What a lock does about drift. */
export const MODES = ["enabled", "warn", "disabled"] as const;

/** What can be waited for. */
export const STATES = ["locked", "no-drift", "suspended"] as const;

/** One flag, as the help shows it. */
interface Flag {
  readonly spelling: string;
  readonly description: string;
  readonly choices?: readonly string[];
  readonly isRepeatable?: boolean;
  /** The variable that gives its value where the flag is absent. */
  readonly variable?: string;
}

/** The flags by name. A verb names those that it takes. */
export const FLAGS = {
  namespace: {
    spelling: "-n, --namespace <namespace>",
    description: "namespace of the releases; default: the context's",
  },
  allNamespaces: { spelling: "-A, --all-namespaces", description: "releases of all namespaces" },
  selector: {
    spelling: "-l, --selector <selector>",
    description: "only releases with these labels (helm upgrade --labels), as in lock=true",
  },
  context: {
    spelling: "--context <name>",
    description: "context of the kubeconfig; default: the current one",
    isRepeatable: true,
  },
  contexts: {
    spelling: "--context <name>",
    description: "context of the kubeconfig; * stands for any text, and several may be given",
    isRepeatable: true,
  },
  kubeconfig: {
    spelling: "--kubeconfig <path>",
    description: "kubeconfig to use; default: $KUBECONFIG, or ~/.kube/config",
  },
  as: { spelling: "--as <user>", description: "user to impersonate" },
  registrationNamespace: {
    spelling: "--registration-namespace <namespace>",
    description: "namespace of the HelmReleases; default: cattle-helm-system",
    variable: "HELM_LOCKER_NAMESPACE",
  },
  output: {
    spelling: "-o, --output <format>",
    description: "table; wide shortens nothing; json has an object a line",
    choices: OUTPUTS,
  },
  headers: { spelling: "--no-headers", description: "table without its first line" },
  verbose: { spelling: "-v, --verbose", description: "where an error comes from" },
  detailedExitcode: {
    spelling: "--detailed-exitcode",
    description: "exit code 2 if something differs, 1 on an error",
  },
  policy: { spelling: "--no-policy", description: "as if no HelmRelease said what to ignore" },
  dryRun: {
    spelling: "--no-dry-run",
    description: "do not ask the server; what only it can tell is marked with ?",
  },
  showSecrets: { spelling: "--show-secrets", description: "show the values of Secrets, too" },
  serviceAccount: {
    spelling: "--service-account <namespace/name>",
    description: "the operator's ServiceAccount; default: that of its chart, or of npx pepr deploy",
  },
  watch: { spelling: "-w, --watch", description: "show it again whenever it changes" },
  mode: {
    spelling: "--mode <mode>",
    description: "what to do about drift; a new lock without it: enabled",
    choices: MODES,
  },
  filename: {
    spelling: "-f, --filename <path>",
    description: "a HelmRelease's spec without release, in YAML or JSON; - is the standard input",
  },
  for: { spelling: "--for <duration>", description: "how long, as in 30m, 1h or 2d; default: 1h" },
  state: { spelling: "--for <state>", description: "what to wait for", choices: STATES },
  forever: { spelling: "--forever", description: "until it is resumed" },
  reason: { spelling: "--reason <text>", description: "why; the status and an Event show it" },
  all: { spelling: "--all", description: "every release that is locked; with -n, those of a namespace" },
  withOthers: { spelling: "--with-others", description: "also the other HelmReleases of the release" },
  timeout: { spelling: "--timeout <duration>", description: "how long to wait; default: 60s" },
} as const satisfies Readonly<Record<string, Flag>>;

export type FlagName = keyof typeof FLAGS;
