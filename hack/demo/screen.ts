import { styleText } from "node:util";

const INDENT = "   ";

/** Writes the demo to standard output, with colours where that is a terminal that wants them (NO_COLOR, FORCE_COLOR). */
export class Screen {
  #steps = 0;

  /** The title of the whole, or of what follows the steps. */
  title(text: string): void {
    this.#write(`\n${styleText("bold", text)}`);
  }

  /** Begins the next step. */
  step(text: string): void {
    this.#steps += 1;
    this.#write(`\n${styleText("bold", `${this.#steps}. ${text}`)}`);
  }

  /** A command as a user would type it, with what goes to its standard input. */
  command(command: string, args: string[], input?: string): void {
    const line = `$ ${[command, ...args].map(quoted).join(" ")}`;
    const text = input === undefined ? line : `${line} <<EOF\n${input}EOF`;
    this.#write(styleText("cyan", indented(text)));
  }

  /** What a command printed. */
  output(text: string): void {
    if (text.trim() !== "") this.#write(indented(text.trimEnd()));
  }

  /** What happened how many milliseconds after the first such line of a step. */
  moment(milliseconds: number, text: string, mood: "bad" | "good"): void {
    const time = `${milliseconds.toFixed(0)} ms`.padStart(8);
    this.#write(indented(`${time}  ${styleText(mood === "good" ? "green" : "red", text)}`));
  }

  /** Plain text of the demo's own. */
  text(text: string): void {
    this.#write(text);
  }

  /** Something that turned out well. */
  success(text: string): void {
    this.#write(styleText("green", text));
  }

  #write(text: string): void {
    process.stdout.write(`${text}\n`);
  }
}

/** Quotes an argument for a shell where it needs that. */
function quoted(argument: string): string {
  return /^[\w@%+=:,./-]+$/.test(argument) ? argument : `'${argument.replaceAll("'", "'\\''")}'`;
}

function indented(text: string): string {
  return text.replaceAll(/^/gm, INDENT);
}
