import type { FlagName } from "./flags";
import type { Flags } from "./read-flags";

/** What a verb was called with, and where its output goes. */
export interface Call {
  readonly args: readonly string[];
  readonly flags: Flags;
  /** How the command is called here: "helm locker". */
  readonly program: string;
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
}

/** Runs a verb. @returns the exit code @throws UserError, and whatever requests throw */
type Run = (call: Call) => Promise<number>;

/** One verb of the command. */
export interface Verb {
  readonly name: string;
  /** Its arguments, as the help shows them: "[RELEASE]". */
  readonly args: string;
  readonly summary: string;
  /** What else a user should know. */
  readonly about: string;
  /** A line of text and a line to type each. `$` stands for how the command is called. */
  readonly examples: readonly (readonly [text: string, line: string])[];
  readonly flags: readonly FlagName[];
  /** Loads what it needs, which takes longer than to show the help. */
  readonly load: () => Promise<Run>;
}
