import { harmlessLines } from "./values";

/** Tells something beside the output, with nothing in it that a terminal obeys. */
export function say({ stderr }: { readonly stderr: NodeJS.WritableStream }, text: string): void {
  stderr.write(`${harmlessLines(text)}\n`);
}
