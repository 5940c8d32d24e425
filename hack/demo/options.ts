import { z } from "zod";
import { parseOptions } from "../lib/options";

export const USAGE = `usage: npm start [-- OPTION...]

Shows Helm Locker at work on a Kubernetes API server of its own, and stays up so that you can try it.

  --once             end after the proof: exit code 0 if every step went well
  --cluster current  use the cluster of your current kubectl context ($KUBECONFIG) instead; the demo's
                     objects live in a namespace of their own, which is removed at the end
  --help             show this text
`;

const schema = z.object({
  cluster: z.enum(["embedded", "current"], 'there is only "--cluster current"').default("embedded"),
  once: z.boolean().default(false),
  help: z.boolean().default(false),
});

/** The user's options for the demo; its cluster is its own, or that of the current kubectl context. */
export type DemoOptions = z.infer<typeof schema>;

/**
 * Reads the arguments after `npm start --`.
 * @throws UsageError
 */
export function demoOptions(args: string[]): DemoOptions {
  const options = {
    cluster: { type: "string" },
    once: { type: "boolean" },
    help: { type: "boolean", short: "h" },
  } as const;
  return parseOptions({ usage: USAGE, options, schema }, args);
}
