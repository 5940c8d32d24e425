import { Command, Option } from "commander";
import { FLAGS, type FlagName } from "./flags";
import { commandHelp, verbHelp } from "./help";
import type { Call, Verb } from "./verb";
import { VERBS } from "./verbs";

/** What the command is to its users. */
interface Named {
  /** "helm-locker", "helm locker" or "kubectl helm-locker". */
  readonly program: string;
  readonly version: string;
  readonly streams: Pick<Call, "stdout" | "stderr">;
}

/** What runs a verb, and says how it ended. */
export type Runner = (verb: Verb, call: Omit<Call, "flags">, options: object) => Promise<void>;

/** The command with all its verbs. */
export function programOf({ program, version, streams }: Named, run: Runner): Command {
  const command = new Command(program)
    .version(version, "--version", "show the version")
    .helpCommand("help [VERB]", "show the help of a verb")
    .configureHelp({ formatHelp: () => commandHelp(VERBS, program) });
  for (const verb of VERBS) {
    const sub = command.command(verb.name).configureHelp({ formatHelp: () => verbHelp(verb, program) });
    for (const arg of verb.args.split(" ").filter(text => text !== "")) sub.argument(arg);
    for (const name of verb.flags) sub.addOption(optionOf(name));
    sub.action(async (...given: unknown[]) => {
      await run(verb, { ...streams, program, args: argsOf(given) }, sub.opts());
    });
  }
  return command;
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
