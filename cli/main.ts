import { basename } from "node:path";
import packageJson from "../package.json";
import { programOf } from "./program";
import type { Call, Verb } from "./verb";

/** How the command is called, as a user would type it again. */
function programName(): string {
  if (process.env.HELM_PLUGIN_NAME !== undefined) return `helm ${process.env.HELM_PLUGIN_NAME}`;
  return basename(process.argv[1] ?? "") === "kubectl-helm_locker" ? "kubectl helm-locker" : "helm-locker";
}

/** What needs zod and the rooms of the operator is loaded once it is needed: help must not wait for it. */
async function run({ load }: Verb, call: Omit<Call, "flags">, options: unknown): Promise<void> {
  const { readFlags } = await import("./read-flags");
  const { errorLine } = await import("./output/error-words");
  try {
    const verb = await load();
    process.exitCode = await verb({ ...call, flags: readFlags(options) });
  } catch (error) {
    call.stderr.write(
      `${errorLine(error, process.argv.includes("-v") || process.argv.includes("--verbose"))}\n`,
    );
    process.exitCode = 1;
  }
}

// What packages use that Node.js would have them not use is nothing that a user can mend.
process.noDeprecation = true;

// A reader that has seen enough, as head does, closes the pipe.
process.stdout.on("error", () => process.exit(0));

const { stdout, stderr } = process;
void programOf(
  { program: programName(), version: packageJson.version, streams: { stdout, stderr } },
  run,
).parseAsync();
