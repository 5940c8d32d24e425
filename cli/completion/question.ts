import { FLAGS, type FlagName } from "../flags";
import type { Verb } from "../verb";

/** The flags of a command line so far that say which cluster it is about, by name. */
export type Given = Readonly<Partial<Record<FlagName, string>>>;

/** What a shell wants to complete. */
export type Question =
  | { readonly about: "verb" }
  | { readonly about: "flag"; readonly flags: readonly FlagName[] }
  | { readonly about: "value"; readonly flag: FlagName; readonly given: Given }
  /** An argument, as the help shows it: "[RELEASE]". */
  | { readonly about: "argument"; readonly arg: string; readonly given: Given };

/** A question, and the beginning of its answer. */
export interface Asked {
  readonly question: Question;
  readonly typed: string;
}

/** What the last word of a command line is. @param words all that follow the name of the command */
export function questionOf(words: readonly string[], verbs: readonly Verb[]): Asked {
  const typed = words.at(-1) ?? "";
  const { given, args, open, flags } = readWords(words.slice(0, -1), verbs);
  if (open !== undefined) return { question: { about: "value", flag: open, given }, typed };
  const { flag, value } = flagOf(typed, flags);
  if (flag !== undefined && value !== undefined)
    return { question: { about: "value", flag, given }, typed: value };
  return { question: wordOf(args, typed.startsWith("-"), { given, verbs }), typed };
}

/** What follows arguments, if it is no value of a flag. */
function wordOf(
  [name, ...others]: readonly string[],
  isFlag: boolean,
  { given, verbs }: { given: Given; verbs: readonly Verb[] },
): Question {
  const verb = verbs.find(one => one.name === name);
  if (isFlag) return { about: "flag", flags: verb?.flags ?? [] };
  if (name === undefined || (name === "help" && others.length === 0)) return { about: "verb" };
  return { about: "argument", arg: verb?.args.split(" ")[others.length] ?? "", given };
}

/** The long form of a flag, its short form if it has one, and whether a value follows. */
export function formsOf(name: FlagName): { long: string; short: string | undefined; hasValue: boolean } {
  const { spelling } = FLAGS[name];
  const [long = ""] = /--[\w-]+/.exec(spelling) ?? [];
  return { long, short: /^-\w(?=,)/.exec(spelling)?.[0], hasValue: spelling.includes("<") };
}

/** @returns as `open` the flag whose value comes next, as `flags` those that there can be */
function readWords(
  words: readonly string[],
  verbs: readonly Verb[],
): {
  given: Given;
  args: readonly string[];
  open: FlagName | undefined;
  flags: readonly FlagName[];
} {
  const given: Partial<Record<FlagName, string>> = {};
  const args: string[] = [];
  let open: FlagName | undefined;
  let flags: readonly FlagName[] = FLAG_NAMES;
  for (const word of words) {
    const { flag, value } = flagOf(word, flags);
    if (open !== undefined) {
      given[open] = word;
      open = undefined;
    } else if (flag === undefined) {
      if (!word.startsWith("-")) args.push(word);
      flags = verbs.find(({ name }) => name === args[0])?.flags ?? FLAG_NAMES;
    } else if (value !== undefined) given[flag] = value;
    else if (formsOf(flag).hasValue) open = flag;
  }
  return { given, args, open, flags };
}

/** The flag of a word, of those that there can be, and its value if that is in the same word. */
function flagOf(word: string, flags: readonly FlagName[]): { flag?: FlagName; value?: string } {
  if (!word.startsWith("-")) return {};
  const [form = "", ...rest] = word.split("=");
  const flag = flags.find(name => [formsOf(name).long, formsOf(name).short].includes(form));
  if (flag === undefined) return {};
  return rest.length === 0 ? { flag } : { flag, value: rest.join("=") };
}

function isFlag(name: string): name is FlagName {
  return name in FLAGS;
}

const FLAG_NAMES = Object.keys(FLAGS).filter(isFlag);
