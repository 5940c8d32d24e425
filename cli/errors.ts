/** What a user can act on: one line, which says what is wrong and what to do. Ends the command with exit code 1. */
export class UserError extends Error {
  override readonly name = "UserError";
}
