import { commandHelp, verbHelp } from "./help";
import type { Verb } from "./verb";

const PROGRAM = "helm-locker";

/** docs/cli.md: what the command and each verb say of themselves. */
export function cliWords(verbs: readonly Verb[]): string {
  return [
    "# The command",
    "This page is written by `npm run reference` from the verbs: it is what `--help` shows.",
    block(commandHelp(verbs, PROGRAM)),
    ...verbs.flatMap(verb => [`## ${verb.name}`, block(verbHelp(verb, PROGRAM))]),
    "",
  ]
    .join("\n\n")
    .replace(/\n+$/, "\n");
}

function block(text: string): string {
  return `\`\`\`text\n${text}\`\`\``;
}
