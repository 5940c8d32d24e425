import { parseArgs } from "node:util";
import { UserError } from "../lib/task";

export const USAGE = `usage: npm start [-- OPTION...]

Shows Helm Locker at work on a Kubernetes API server of its own, and stays up so that you can try it.

  --once             end after the proof: exit code 0 if every step went well
  --cluster current  use the cluster of your current kubectl context ($KUBECONFIG) instead; the demo's
                     objects live in a namespace of their own, which is removed at the end
  --help             show this text
`;

/** Which cluster the demo runs on: one of its own, or that of the current kubectl context. */
export type ClusterChoice = "embedded" | "current";

/** What the user asked of the demo. */
export interface DemoOptions {
  cluster: ClusterChoice;
  once: boolean;
  help: boolean;
}

/** The command line cannot be understood; the message says why and shows the usage. */
export class UsageError extends UserError {
  override readonly name = "UsageError";

  constructor(problem: string, cause?: unknown) {
    super(`${problem}\n\n${USAGE}`, { cause });
  }
}

/**
 * Reads the arguments after `npm start --`.
 * @throws UsageError
 */
export function demoOptions(args: string[]): DemoOptions {
  const { cluster = "embedded", once = false, help = false } = parsed(args);
  if (cluster !== "embedded" && cluster !== "current") {
    throw new UsageError(`--cluster ${cluster}: there is only "--cluster current"`);
  }
  return { cluster, once, help };
}

function parsed(args: string[]): { cluster?: string; once?: boolean; help?: boolean } {
  try {
    return parseArgs({
      args,
      options: {
        cluster: { type: "string" },
        once: { type: "boolean" },
        help: { type: "boolean", short: "h" },
      },
    }).values;
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error), error);
  }
}
