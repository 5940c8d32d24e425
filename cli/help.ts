import { FLAGS, type FlagName } from "./flags";
import type { Verb } from "./verb";

/** How many columns a help has. */
const WIDTH = 80;

/** In which column descriptions begin. */
const COLUMN = 32;

/** What the help says first of all. */
const ABOUT = "Shows how the objects of Helm releases differ from what Helm installed, and locks them.";

/** The verbs whose first example the help of the command has. */
const SHOWN = ["drift", "lock", "suspend"];

/** The help of the command. */
export function commandHelp(verbs: readonly Verb[], program: string): string {
  const shown = verbs.filter(({ name }) => SHOWN.includes(name));
  const examples = shown.flatMap(({ examples: [first] }) => (first ? [first] : []));
  return sections([
    wrapped(ABOUT, 0),
    `Examples:\n${examplesText(examples, program)}`,
    `Verbs:\n${verbs.map(({ name, summary }) => row(`  ${name}`, summary, 16)).join("\n")}`,
    `Flags:\n${row("  -h, --help", "show this, or the help of a verb")}\n${row("      --version", "show the version")}`,
    `Usage:\n  ${program} VERB [flags]`,
    `"${program} VERB --help" shows more about a verb.`,
  ]);
}

/** The help of a verb: as kubectl has it, examples first. */
export function verbHelp({ name, args, summary, about, examples, flags }: Verb, program: string): string {
  return sections([
    wrapped(`${summary}.`, 0),
    wrapped(about, 0),
    `Examples:\n${examplesText(examples, program)}`,
    ...(flags.length === 0 ? [] : [`Flags:\n${flags.map(flagText).join("\n")}`]),
    `Usage:\n  ${[program, name, args, flags.length === 0 ? "" : "[flags]"].filter(text => text !== "").join(" ")}`,
  ]);
}

function sections(texts: readonly string[]): string {
  return `${texts.filter(text => text !== "").join("\n\n")}\n`;
}

function examplesText(examples: Verb["examples"], program: string): string {
  return examples.map(([text, line]) => `  # ${text}\n  ${line.replace("$", program)}`).join("\n\n");
}

function flagText(name: FlagName): string {
  const flag = FLAGS[name];
  const choices = "choices" in flag ? ` (${flag.choices.join(", ")})` : "";
  const variable = "variable" in flag ? ` ($${flag.variable})` : "";
  const spelling = flag.spelling.startsWith("--") ? `      ${flag.spelling}` : `  ${flag.spelling}`;
  return row(spelling, `${flag.description}${choices}${variable}`);
}

/** A term and its description, which begins below a long term. */
function row(term: string, description: string, column = COLUMN): string {
  const text = wrapped(description, column);
  return term.length > column - 2 ? `${term}\n${text}` : `${term.padEnd(column)}${text.trimStart()}`;
}

/** A text in lines that begin in a column. */
function wrapped(text: string, column: number): string {
  const lines: string[] = [];
  for (const word of text.split(/\s+/)) {
    const last = lines.at(-1);
    if (last !== undefined && column + last.length + word.length < WIDTH)
      lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines.map(line => `${" ".repeat(column)}${line}`).join("\n");
}
