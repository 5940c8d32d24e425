/** A spec that can't be followed. The message says where, what, and what is accepted. */
export class PolicyError extends Error {
  override readonly name = "PolicyError";
}
