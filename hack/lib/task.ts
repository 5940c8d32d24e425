import { inspect } from "node:util";

/** An error whose message tells a user everything: what was wrong, where, and what to do. */
export class UserError extends Error {
  override readonly name: string = "UserError";
}

/** Runs a task of `npm run` to its end with the exit code that it returns: 1 after an error, which goes to standard error. */
export function task(work: () => Promise<number>): void {
  work().then(
    code => {
      process.exitCode = code;
    },
    (error: unknown) => {
      process.stderr.write(`${error instanceof UserError ? error.message : inspect(error)}\n`);
      process.exitCode = 1;
    },
  );
}
