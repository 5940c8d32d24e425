import { Command, Option } from "commander";
import { FLAGS, type FlagName } from "./flags";
import type { Call, Verb } from "./verb";
import { VERBS } from "./verbs";

/** How the command was called: by itself, or as a plugin. */
export interface Invocation {
  /** "helm-locker", "helm locker" or "kubectl helm-locker". */
  readonly program: string;
  readonly version: string;
  readonly streams: Pick<Call, "stdout" | "stderr">;
}

/** What runs a verb, and says how it ended. */
export type Runner = (verb: Verb, call: Omit<Call, "flags">, options: unknown) => Promise<void>;

/** The command with all its verbs. */
export function programOf({ program, version, streams }: Invocation, run: Runner): Command {
  const command = new Command(program)
    .description("Shows how the objects of Helm releases differ from what Helm installed, and locks them.")
    .version(version, "--version", "show the version")
    .helpCommand("help [VERB]", "show the help of a verb")
    .configureHelp({ subcommandTerm: verb => verb.name() })
    .showSuggestionAfterError()
    .addHelpText("after", `\n"${program} VERB --help" shows more about a verb.`);
  for (const verb of VERBS) {
    const sub = command
      .command(verb.name)
      .summary(verb.summary)
      .description(`${verb.summary}.\n\n${verb.about}`)
      .usage([verb.args, "[flags]"].join(" ").trim())
      .addHelpText("before", examplesOf(verb, program));
    for (const arg of verb.args.split(" ").filter(text => text !== "")) sub.argument(arg);
    for (const name of verb.flags) sub.addOption(optionOf(name));
    sub.action(async (...given: unknown[]) => {
      await run(verb, { ...streams, program, args: argsOf(given) }, sub.opts());
    });
  }
  return command;
}

function examplesOf({ examples }: Verb, program: string): string {
  const lines = examples.map(([text, line]) => `  # ${text}\n  ${line.replace("$", program)}`);
  return `Examples:\n${lines.join("\n\n")}\n`;
}

function optionOf(name: FlagName): Option {
  const flag = FLAGS[name];
  const option = new Option(flag.spelling, flag.description);
  if ("choices" in flag) option.choices(flag.choices);
  if ("isRepeatable" in flag) option.argParser(collect).default(undefined);
  if ("variable" in flag) option.env(flag.variable);
  return option;
}

function collect(value: string, before: string[] | undefined): string[] {
  return [...(before ?? []), value];
}

/** What commander passes before the flags and the command. */
function argsOf(given: readonly unknown[]): string[] {
  return given.slice(0, -2).filter(value => typeof value === "string");
}
