import { execFile, spawn } from "node:child_process";
import { X509Certificate } from "node:crypto";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { isatty } from "node:tty";
import { promisify } from "node:util";
import * as z from "zod";

/** How long a plugin may take, in milliseconds. */
const TIMEOUT = 10_000;

const MAX_OUTPUT = 1_048_576;

/** How a kubeconfig names a plugin. Source: client-go tools/clientcmd/api/v1, ExecConfig. */
const execConfig = z.object({
  apiVersion: z.string().catch("client.authentication.k8s.io/v1"),
  command: z.string(),
  args: z.array(z.string()).nullish(),
  env: z.array(z.object({ name: z.string(), value: z.string() })).nullish(),
  interactiveMode: z.string().nullish(),
});

/** What a plugin writes. Source: client-go pkg/apis/clientauthentication/v1, ExecCredential. */
const execCredential = z.object({
  status: z.object({
    token: z.string().optional(),
    clientCertificateData: z.string().optional(),
    clientKeyData: z.string().optional(),
    expirationTimestamp: z.string().optional(),
  }),
});

/** What a plugin says of who the locker is. */
export interface PluginCredential {
  readonly token: string | undefined;
  readonly cert: string | undefined;
  readonly key: string | undefined;
  /** Until when it is valid, in milliseconds since 1970; Infinity if nothing says so. */
  readonly until: number;
}

/**
 * Asks the credential plugin of a kubeconfig (`users[].user.exec`). The client of Kubernetes does that, too, but waits
 * for a plugin that hangs, and does not look at when a certificate expires.
 *
 * @param hasUser whether somebody is there who may be asked, as on a terminal, and for whom it may take its time
 * @throws Error if the plugin fails, takes too long or writes something else
 */
export async function askPlugin(exec: unknown, hasUser = false): Promise<PluginCredential> {
  const { apiVersion, command, args, env, interactiveMode } = execConfig.parse(exec);
  const interactive = hasUser && interactiveMode !== "Never" && isatty(0);
  const info = { apiVersion, kind: "ExecCredential", spec: { interactive } };
  const variables = Object.fromEntries((env ?? []).map(({ name, value }) => [name, value]));
  const whole = { ...process.env, KUBERNETES_EXEC_INFO: JSON.stringify(info), ...variables };
  const run = hasUser ? runForUser : runAlone;
  try {
    const output = await run([command, ...(args ?? [])], whole, interactive);
    return credentialOf(execCredential.parse(JSON.parse(output)).status);
  } catch (error) {
    throw new Error(`the credential plugin ${command} ${complaintOf(error)}`, { cause: error });
  }
}

type Words = readonly [command: string, ...args: string[]];

async function runAlone([command, ...args]: Words, env: NodeJS.ProcessEnv): Promise<string> {
  const { stdout } = await promisify(execFile)(command, args, {
    env,
    timeout: TIMEOUT,
    killSignal: "SIGKILL",
    maxBuffer: MAX_OUTPUT,
  });
  return stdout;
}

/** What it says on the standard error is for the user. */
async function runForUser(
  [command, ...args]: Words,
  env: NodeJS.ProcessEnv,
  isInteractive: boolean,
): Promise<string> {
  const plugin = spawn(command, args, {
    env,
    stdio: [isInteractive ? "inherit" : "ignore", "pipe", "inherit"],
  });
  const [output] = await Promise.all([text(plugin.stdout), once(plugin, "close")]);
  if (plugin.exitCode === 0) return output;
  throw new FailedError(`failed: exit code ${plugin.exitCode ?? String(plugin.signalCode)}`);
}

class FailedError extends Error {}

function credentialOf(status: z.infer<typeof execCredential>["status"]): PluginCredential {
  const { token, clientCertificateData: cert, clientKeyData: key, expirationTimestamp } = status;
  const ends = [
    ...(expirationTimestamp === undefined ? [] : [Date.parse(expirationTimestamp)]),
    ...(cert === undefined ? [] : [Date.parse(new X509Certificate(cert).validTo)]),
  ];
  return { token, cert, key, until: Math.min(Infinity, ...ends.filter(end => !Number.isNaN(end))) };
}

const failure = z.object({ killed: z.boolean(), stderr: z.string() });

/** Says no more of its output than of its errors: the output holds the credential. */
function complaintOf(error: unknown): string {
  if (error instanceof FailedError) return error.message;
  const { data: failed } = failure.safeParse(error);
  if (failed?.killed === true) return `did not answer within ${TIMEOUT / 1000} s`;
  if (failed) return `failed: ${failed.stderr.trim().slice(-500)}`;
  if (error instanceof SyntaxError || error instanceof z.ZodError) return "did not write an ExecCredential";
  return `can't be run: ${error instanceof Error ? error.message : String(error)}`;
}
