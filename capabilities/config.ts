import * as z from "zod";

/** The levels of the log, from least to most output. */
const logLevels = ["error", "warn", "info", "debug"] as const;

const PREFIX = "HELM_LOCKER_";

/** Variables that Kubernetes sets in a Pod for a Service named helm-locker. Source: Kubernetes docs, "Service", environment variables. */
const OF_A_SERVICE = /^HELM_LOCKER_(SERVICE_HOST|SERVICE_PORT(_.*)?|PORT(_.*)?)$/;

/** Every option: its variable, what it accepts, what happens if it is not set. Nothing else defines options. */
const optionsSchema = z.object({
  HELM_LOCKER_NAMESPACE: z
    .string()
    .regex(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/)
    .default("cattle-helm-system")
    .meta({
      description: "Registration namespace: only the HelmReleases in it count.",
      accepts: "the name of a namespace: lower-case letters, digits and -, at most 63",
    }),
  HELM_LOCKER_CONTROLLER_NAME: z
    .string()
    .regex(/^[!-~]([ -~]{0,251}[!-~])?$/)
    .default("helm-locker")
    .meta({
      description:
        "Name under which HelmReleases are claimed (annotation helmreleases.cattle.io/managed-by).",
      accepts: "1 to 253 printable ASCII characters, with no space at either end",
    }),
  HELM_LOCKER_DEFAULT_SERVICE_ACCOUNT: z
    .string()
    .regex(/^([a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*)?$/)
    .max(253)
    .default("")
    .meta({
      description:
        "ServiceAccount of the release's namespace that writes where a HelmRelease has no serviceAccountName; the locker itself if empty.",
      accepts: "the name of a ServiceAccount, or nothing",
    }),
  HELM_LOCKER_STALLED_AFTER: z
    .string()
    .regex(/^[1-9]\d{0,5}$/)
    .default("900")
    .meta({
      description:
        "Seconds after which a Helm operation that does not end is reported as stalled (condition Stalled).",
      accepts: "whole seconds, 1 to 999999",
    }),
  HELM_LOCKER_RESYNC_INTERVAL: z
    .string()
    .regex(/^[1-9]\d{0,5}$/)
    .default("600")
    .meta({
      description: "Seconds in which everything that watches follow is compared with a list once.",
      accepts: "whole seconds, 1 to 999999",
    }),
  HELM_LOCKER_RELEASE: z
    .string()
    .regex(/^([a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?\/[-a-z0-9.]{1,53})?$/)
    .default("")
    .meta({
      description:
        "The Helm release that the locker itself is of, as its chart sets it: a HelmLockerPolicy locks it only by its name.",
      accepts: "namespace/name of a release, or nothing",
    }),
  HELM_LOCKER_IDENTITY: z
    .string()
    .regex(/^[!-~]{0,253}$/)
    .default("")
    .meta({
      description:
        "What distinguishes this locker from others of its name that run at the same time, as the chart sets it from two replicas on: they take turns. Nothing: it runs alone.",
      accepts: "at most 253 printable ASCII characters without spaces, or nothing",
    }),
  HELM_LOCKER_LOG_LEVEL: z
    .enum(logLevels)
    .default("info")
    .meta({ description: "How much is logged.", accepts: `one of ${logLevels.join(", ")}` }),
});

/** The settings of the process. Frozen. */
export interface Config {
  readonly namespace: string;
  readonly controllerName: string;
  /** Undefined: the locker's own. */
  readonly defaultServiceAccount: string | undefined;
  /** "namespace/name"; undefined if it is not of any. */
  readonly ownRelease: string | undefined;
  /** Undefined: it runs alone. */
  readonly identity: string | undefined;
  /** Seconds. */
  readonly stalledAfter: number;
  /** Seconds. */
  readonly resyncInterval: number;
  readonly logLevel: (typeof logLevels)[number];
}

/** One option, as a table of the documentation shows it. */
export interface OptionDoc {
  variable: string;
  default: string;
  accepts: string;
  description: string;
}

const docSchema = z.object({ accepts: z.string(), description: z.string() });

/** Every option with its default and meaning. */
export const optionDocs: OptionDoc[] = Object.entries(optionsSchema.shape).map(([variable, schema]) => ({
  variable,
  default: schema.parse(undefined),
  ...docSchema.parse(schema.meta()),
}));

/** Options that cannot be used. The message names each one, its value and what is accepted. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
}

/**
 * Reads the options from the environment.
 *
 * @throws ConfigError that names every bad option, including unknown names with the prefix.
 */
export function readConfig(env: NodeJS.ProcessEnv): Config {
  const { data, error } = optionsSchema.safeParse(env);
  const bad = new Set(error?.issues.map(({ path }) => String(path[0])));
  const complaints = [
    ...optionDocs
      .filter(({ variable }) => bad.has(variable))
      .map(({ variable, accepts }) => `${variable}=${JSON.stringify(env[variable])}: must be ${accepts}`),
    ...unknownOptions(env),
  ];
  if (!data || complaints.length > 0) throw new ConfigError(["bad options:", ...complaints].join("\n  "));
  return Object.freeze({
    namespace: data.HELM_LOCKER_NAMESPACE,
    controllerName: data.HELM_LOCKER_CONTROLLER_NAME,
    defaultServiceAccount: data.HELM_LOCKER_DEFAULT_SERVICE_ACCOUNT || undefined,
    ownRelease: data.HELM_LOCKER_RELEASE || undefined,
    identity: data.HELM_LOCKER_IDENTITY || undefined,
    stalledAfter: Number(data.HELM_LOCKER_STALLED_AFTER),
    resyncInterval: Number(data.HELM_LOCKER_RESYNC_INTERVAL),
    logLevel: data.HELM_LOCKER_LOG_LEVEL,
  });
}

function unknownOptions(env: NodeJS.ProcessEnv): string[] {
  const known = optionDocs.map(({ variable }) => variable);
  return Object.keys(env)
    .filter(name => name.startsWith(PREFIX) && !known.includes(name) && !OF_A_SERVICE.test(name))
    .map(name => `${name}=${JSON.stringify(env[name])}: there is no such option, only ${known.join(", ")}`);
}

/** The options of this process. If one is bad, says so on stderr and ends the process with 1: nothing can run on a guess. */
export function loadConfig(): Config {
  try {
    return readConfig(process.env);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exit(1);
  }
}
