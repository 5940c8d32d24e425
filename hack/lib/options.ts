import { parseArgs, type ParseArgsConfig } from "node:util";
import { z } from "zod";
import { UserError } from "./task";

/** The command line is wrong; the message says why and shows the usage. */
export class UsageError extends UserError {
  override readonly name = "UsageError";

  constructor(problem: string, usage: string, cause?: unknown) {
    super(`${problem}\n\n${usage}`, { cause });
  }
}

/** The options of a task. */
export interface CommandLineOptions<T> {
  usage: string;
  options: NonNullable<ParseArgsConfig["options"]>;
  /** Schema of the options' values, and of `files` if arguments besides options are allowed. */
  schema: z.ZodType<T>;
  /** @default false */
  allowFiles?: boolean;
}

/** Reads the options of a task. @throws UsageError */
export function parseOptions<T>(
  { usage, options, schema, allowFiles = false }: CommandLineOptions<T>,
  args = process.argv.slice(2),
): T {
  try {
    const { values, positionals } = parseArgs({ args, options, allowPositionals: allowFiles });
    const { data, error } = schema.safeParse({ ...values, files: positionals });
    if (error === undefined) return data;
    const problems = error.issues.map(({ path, message }) => {
      const name = String(path[0]);
      return `--${name} ${String(values[name])}: ${message}`;
    });
    throw new UsageError(problems.join("\n"), usage, error);
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(error instanceof Error ? error.message : String(error), usage, error);
  }
}
