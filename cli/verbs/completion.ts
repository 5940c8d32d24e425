import { scriptFor, SHELLS } from "../completion/scripts";
import { UserError } from "../errors";
import type { Call } from "../verb";

/** Prints the script by which a shell completes the command. @throws UserError */
export function completion({ args: [shell = ""], stdout }: Call): Promise<number> {
  const script = scriptFor(shell);
  if (script === undefined)
    throw new UserError(`there is no completion for "${shell}": ${SHELLS.join(", ")} are known`);
  stdout.write(script);
  return Promise.resolve(0);
}
