import { styleText } from "node:util";

const INDENT = "   ";

/** Writes the demo to standard output, with colours if that is a terminal that wants them (NO_COLOR, FORCE_COLOR). */
export class Screen {
  #steps = 0;

  /** The title of the demo, or of what follows the steps. */
  title(text: string): void {
    this.#write(`\n${styleText("bold", text)}`);
  }

  /** Begins the next step. */
  step(text: string): void {
    this.#steps += 1;
    this.#write(`\n${styleText("bold", `${this.#steps}. ${text}`)}`);
  }

  /** A command as a user would type it, with its standard input. */
  command(command: string, args: string[], input?: string): void {
    const line = `$ ${[command, ...args].map(quoted).join(" ")}`;
    const text = input === undefined ? line : `${line} <<EOF\n${input}EOF`;
    this.#write(styleText("cyan", indented(text)));
  }

  /** The output of a command. */
  output(text: string): void {
    if (text.trim() !== "") this.#write(indented(text.trimEnd()));
  }

  /** An event, with the milliseconds since the first such line of the step. */
  moment(milliseconds: number, text: string, mood: "bad" | "good"): void {
    const time = `${milliseconds.toFixed(0)} ms`.padStart(8);
    this.#write(indented(`${time}  ${styleText(mood === "good" ? "green" : "red", text)}`));
  }

  /** The demo's own plain text. */
  text(text: string): void {
    this.#write(text);
  }

  /** A success. */
  success(text: string): void {
    this.#write(styleText("green", text));
  }

  #write(text: string): void {
    process.stdout.write(`${text}\n`);
  }
}

/** Quotes an argument for a shell if necessary. */
function quoted(argument: string): string {
  return /^[\w@%+=:,./-]+$/.test(argument) ? argument : `'${argument.replaceAll("'", "'\\''")}'`;
}

function indented(text: string): string {
  return text.replaceAll(/^/gm, INDENT);
}
