import { harmless } from "./values";

/** Tells a line beside the output, with nothing in it that a terminal obeys. */
export function say({ stderr }: { readonly stderr: NodeJS.WritableStream }, text: string): void {
  stderr.write(`${harmless(text)}\n`);
}
