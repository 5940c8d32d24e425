import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";
import { z } from "zod";
import { lockerCommand } from "../../hack/artifacts/command";

/** What the command has printed, and how it ended. */
export interface Printed {
  readonly stdout: string;
  readonly stderr: string;
  readonly code: number | null;
}

/** Where and how the command runs. */
interface Setting {
  readonly kubeconfig: string;
  /** Added to this process's environment. */
  readonly env?: NodeJS.ProcessEnv;
  readonly input?: string;
}

/** Runs the built command to its end. */
export async function command(setting: Setting, ...args: string[]): Promise<Printed> {
  const env = { ...process.env, KUBECONFIG: setting.kubeconfig, ...setting.env };
  const child = spawn(process.execPath, [await lockerCommand(), ...args], { env });
  child.stdin.end(setting.input);
  const ended = new Promise<number | null>(resolve => child.once("close", resolve));
  const [stdout, stderr, code] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  return { stdout, stderr, code };
}

/** A row of `drift -o json`. */
const row = z.object({
  release: z.object({ namespace: z.string(), name: z.string() }),
  object: z.object({ kind: z.string(), namespace: z.string().optional(), name: z.string() }),
  is: z.string().optional(),
  field: z.string().optional(),
  chart: z.unknown().optional(),
  live: z.unknown().optional(),
  by: z.array(z.string()),
});

export type Shown = z.infer<typeof row>;

/** What `drift` shows, of all releases unless flags say otherwise. */
export async function shownDrift(
  room: { readonly controlPlane: { readonly kubeconfig: string } },
  ...args: string[]
): Promise<Shown[]> {
  const which = args.length > 0 ? args : ["-A"];
  const { stdout, stderr, code } = await command(room.controlPlane, "drift", ...which, "-o", "json");
  if (code !== 0) throw new Error(`drift ended with ${code}: ${stderr}`);
  return stdout
    .split("\n")
    .filter(line => line !== "")
    .map(line => row.parse(JSON.parse(line)));
}

/** The object of a row, as a status names it. */
export function objectOf({ object: { kind, namespace, name } }: Shown): string {
  return `${kind} ${namespace === undefined ? "" : `${namespace}/`}${name}`;
}
